"""Advice: what published rules say, what should come before tuning, and the decision. Knows no file and no clock.

``decide``           from a study to a decision, in one call; ``decision`` is what comes out
``ranking``          who leads, draw by draw; ``flips`` what would change that; ``reasons`` the answer in words
``path``             what to do when, through which gates; ``portfolio`` the next steps of many studies, one budget
``buying``           what to buy before committing; ``purchases`` the catalogue of what can be bought
``plots``            what the pictures show; ``measured_plots`` those of scores; ``curve_plots`` those of training runs;
                     ``plot_types`` what comes out
``facts``            what rules can ask about; ``readings`` how each is read from a study and its outcome
``rule``             a rule as data; ``conditions`` the language it is written in
``published_rules``  those of the five documents
``rules``            runs rules on a study; ``gates`` what should have been done before tuning
"""

from __future__ import annotations

__all__: list[str] = []
