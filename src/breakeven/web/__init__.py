"""The web edge: the local page of ``breakeven ui``, and the API beside it.

::

    whatif      a study's text with edits → a decision, at once or in full
    sharing     equal work done once and kept; ended when nobody waits for it any more
    inputs      the inputs of a study as fields and sliders, those that matter most first
    shown       a decision as the parts of the page
    linking     every printed figure a link to what it is made of
    differing   the figures of two scenarios, and by how much they differ
    starting    from nothing to a first study: a template, seven answers, or logs that were uploaded
    saving      edits back into the study's file, and a decision out as a file
    serving     the study that is served, and the line in front of the arithmetic
    decision_routes, start_routes, page_routes   the routes of the pages
    app, running, threads   the application, its loop, and how many threads it computes on
    api         the routes for programs, under /api/v1
    security, limits, uploads, unpacking   who may ask, for how much, and what arrives

FastAPI is only imported here; it comes with the extra ``web``. No page asks anything of another machine.
"""

__all__: list[str] = []
