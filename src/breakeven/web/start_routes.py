"""Routes that bring evidence in: a first study, and logs, scored cases or training data for one that is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from breakeven.errors import InputError, Problem
from breakeven.quantities import KINDS, read
from breakeven.report.text import clean
from breakeven.study.editing import Edit, edit_all
from breakeven.study.from_profile import PROFILE
from breakeven.study.starting import QUESTIONS, template_names
from breakeven.study.tasks import TASKS
from breakeven.web.api.route import ProblemRoute
from breakeven.web.api.services import Services, services_of
from breakeven.web.saving import save
from breakeven.web.serving import Served, served
from breakeven.web.shown import page
from breakeven.web.starting import (
    Pending,
    as_profile,
    ask_for,
    drafted,
    filled,
    from_answers,
    from_template,
    measured_rows,
    write_study,
)

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, include_in_schema=False)

Word = Annotated[str, Field(max_length=200)]
Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=20)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Named(_Asked):
    """A template."""

    name: Word


class Given(_Asked):
    """Answers by their key."""

    answers: Annotated[dict[Word, Word], Field(max_length=20)]


class Uploaded(_Asked):
    """Files that were sent to ``/api/v1/uploads``."""

    uploads: Ids
    candidate: Word = ""
    """Whose answers were scored."""
    sampling: Word = ""
    """The share of all calls that logs hold; empty: all."""


@routes.get("/start")
async def start(request: Request) -> Response:
    """The way to a first decision."""
    its = served(request)
    return HTMLResponse(
        page("start.html.j2", here="/start", templates=template_names(), questions=QUESTIONS, tasks=TASKS,
             folder=its.path.parent.name or its.path.parent.resolve().name, file=its.path.name, is_there=its.is_there)
    )  # fmt: skip


@routes.post("/start/template")
async def start_from_template(asked: Named, request: Request) -> dict[str, str]:
    """Write a template as the study."""
    its = served(request)
    write_study(its.path, from_template(asked.name))
    return {"go": "/"}


@routes.post("/start/answers")
async def start_from_answers(asked: Given, request: Request) -> dict[str, str]:
    """Write a study from the seven questions."""
    its = served(request)
    write_study(its.path, await its.quickly(lambda: from_answers(asked.answers, its.whatif.setting)))
    return {"go": "/"}


@routes.post("/start/logs")
async def start_from_logs(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Measure the logs and draw the study up; nothing but the profile is written yet."""
    its = served(request)
    if its.is_there:
        raise InputError("a study is here already: its evidence page takes logs")
    profile = await _measured(services_of(request.app), asked)
    pending = await its.quickly(lambda: drafted(profile, its.whatif.setting))
    request.app.state.pending = pending
    must = ask_for(pending)
    html = page("measured.html.j2", rows=measured_rows(profile), must=must, pending=pending, tasks=TASKS,
                warnings=[clean(str(w)) for w in profile.get("warnings", [])])  # fmt: skip
    return {"html": html}


@routes.post("/start/fill")
async def fill(asked: Given, request: Request) -> dict[str, str]:
    """Write the study with what a person added to the logs."""
    its = served(request)
    pending = getattr(request.app.state, "pending", None)
    if not isinstance(pending, Pending):
        raise InputError("no logs were measured yet: upload them first")
    write_study(its.path, await its.quickly(lambda: filled(pending, asked.answers, its.whatif.setting)))
    request.app.state.pending = None
    return {"go": "/"}


async def _measured(services: Services, asked: Uploaded) -> dict[str, Any]:
    names = [services.uploads.get(one).name for one in asked.uploads]
    arguments: dict[str, Any] = {
        "logs": names, "format_name": None, "columns": {}, "sampling": _share(asked.sampling), "redact": True,
        "prompts": None,
    }  # fmt: skip
    return as_profile(await _worked(services, services.desk.profile, arguments, asked.uploads))


def _share(text: str) -> float | None:
    """A share above 0; None where nothing or all is stated."""
    if not text.strip() or text.strip() == "100%":
        return None
    found = read(text, KINDS["share"])
    if not found.is_point or found.low <= 0:
        raise InputError(
            Problem(message=f"{text!r} is no share of the calls", field="sampling", hint="write 10%")
        )
    return found.low


async def _worked(
    services: Services, function: Callable[..., Any], arguments: Mapping[str, Any], uploads: Sequence[str]
) -> bytes:
    """A worker's answer. Raises what it refused."""
    import json

    answer = await services.compute(function, arguments, uploads)
    if answer.status == "done":
        return answer.body
    said = json.loads(answer.body) if answer.status == "refused" else {"problems": []}
    problems = [
        Problem(
            message=f"{p['place']}: {p['message']}" if p.get("place") else p["message"], hint=p.get("hint")
        )
        for p in said["problems"]
    ]
    raise InputError(
        *(problems or [Problem(message="this is our fault, not yours; the server's log says more")])
    )


# ------------------------------------------------------------------------------------ evidence for a study


@routes.get("/evidence")
async def evidence(request: Request) -> Response:
    """Logs, scored cases and training data for the study."""
    its = served(request)
    candidates = list(its.whatif.study(its.text()).candidates) if its.is_there else []
    return HTMLResponse(
        page("evidence.html.j2", here="/evidence", candidates=candidates, is_there=its.is_there)
    )


@routes.post("/evidence/logs")
async def logs(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Measure logs, and let the study read the profile."""
    its = served(request)
    profile = await _measured(services_of(request.app), asked)
    from breakeven.evidence.profile.writing import as_json

    def attach() -> None:
        save(its.whatif.setting.folder / PROFILE, as_json(profile) + "\n")
        _attach(its, [Edit(("workload", "profile"), PROFILE)])

    await its.quickly(attach)
    return {
        "html": page(
            "rows.html.j2", rows=measured_rows(profile), said=f"The study reads {PROFILE} from now on."
        )
    }


_SCORES: Final = "evidence/evals"


@routes.post("/evidence/scores")
async def scores(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Scored cases become the quality of a candidate."""
    its, services = served(request), services_of(request.app)
    saved = its.text()
    if asked.candidate not in its.whatif.study(saved).candidates:
        raise InputError(Problem(message="choose whose answers were scored", field="candidate"))

    def attach() -> tuple[str, str]:
        with services.uploads.folder_of(asked.uploads[:1]) as (folder, (name,)):
            path = f"{_SCORES}/{PurePosixPath(name).name}"
            target = its.whatif.setting.folder / path
            if target.exists():
                hint = "give the file another name, such as prompt-v2.csv"
                raise InputError(Problem(message=f"{path} is there already", hint=hint))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
        try:
            _attach(its, [Edit(("candidates", asked.candidate, "quality"), {"eval": path})])
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        study = its.whatif.study(its.text())
        level = study.candidates[asked.candidate].quality.level
        return path, "" if level is None else f"{level}: {level.source}"

    path, now = await its.quickly(attach)
    rows = [("Candidate", clean(asked.candidate)), ("Quality now", clean(now)), ("Kept at", path)]
    return {"html": page("rows.html.j2", rows=rows, said="The decision uses these scores from now on.")}


def _attach(its: Served, edits: Sequence[Edit]) -> None:
    """Write the study with these fields, if it still is one."""
    saved = its.text()
    text = edit_all(saved, edits)
    its.whatif.forget()  # evidence of the same name may hold something else now
    its.whatif.study(text)
    save(its.path, text)


@routes.post("/evidence/training")
async def training(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Check training data; nothing is written."""
    import json

    services = services_of(request.app)
    names = [services.uploads.get(one).name for one in asked.uploads]
    arguments: dict[str, Any] = {
        "train": names, "cases": None, "result": None, "logs": [], "hosts": [], "model": None, "epochs": [2, 4],
        "runs": [3, 10], "columns": {}, "format_name": None, "only": [], "settings": {}, "seed": 0,
    }  # fmt: skip
    audit = json.loads(await _worked(services, services.desk.check, arguments, asked.uploads))
    checks = [
        {"title": clean(c["title"]), "verdict": c["verdict"], "because": clean(c["because"])}
        for c in audit["checks"]
    ]
    return {"html": page("checked.html.j2", audit=audit, checks=checks, readiness=clean(audit["readiness"]))}
