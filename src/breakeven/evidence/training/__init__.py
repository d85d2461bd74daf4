"""Training data: read in any format, checked against the evals and the production logs, audited, cleaned and split.

``row``         what a row holds
``reading``     files of any format as rows, every bad row placed
``formats``     the formats, one file each
``hosts``       what each training host takes, one file each, with a dated table of its limits
``outside``     what an eval and production asked
``check``       what a check reads, and what it says
``checks``      the checks, one file each
``commands``    what a check tells its reader to run next
``converting``  rows written in another format; ``rewriting`` a cleaned copy in one, and its log
``unusual``     rows that are unlike most
``names``       names in texts, by a spaCy model
``embedding``   rows and cases as vectors, each paid for once
``tokens``      how long the rows are
``costs``       what training on them costs, by host
``checking``    all checks in one pass
``sidecar``     the offending rows, as files
``audit_file``  the result as a file that a study can name; ``curve_file`` runs of a learning curve from one

Import from these modules; the room itself exports nothing.
"""

from __future__ import annotations

__all__: list[str] = []
