"""Routes that bring evidence in: a first study, and logs, scored cases or training data for one that is there.

What a person wrote or chose and that can not be used is an answer like any other here: ``{"problems": […]}``.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette

from breakeven.errors import BreakevenError, InputError, Problem
from breakeven.quantities import KINDS, read
from breakeven.report.text import clean
from breakeven.study.editing import Edit, edit_all
from breakeven.study.from_profile import PROFILE
from breakeven.study.starting import QUESTIONS, template_names
from breakeven.web.api.pool import TooLongError
from breakeven.web.api.problems import problems_of
from breakeven.web.api.route import ProblemRoute
from breakeven.web.api.services import Services, services_of
from breakeven.web.limits import Limits
from breakeven.web.page_words import (
    LogError,
    beside_its_file,
    checked_html,
    for_the_page,
    refusal,
    task_choices,
)
from breakeven.web.saving import save
from breakeven.web.serving import Served, served
from breakeven.web.shown import page
from breakeven.web.starting import (
    TOKEN_PARTS,
    Pending,
    as_profile,
    ask_for,
    drafted,
    filled,
    from_answers,
    from_template,
    looks_like_training,
    measured_rows,
    ready,
    write_study,
    written_profile,
)

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, include_in_schema=False)

Word = Annotated[str, Field(max_length=200)]
Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=Limits.evidence)]
Column = Literal["input_tokens", "output_tokens", "time", "model", "question", "answer"]


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
    columns: dict[Column, Word] = {}
    """What the columns of a table are called, where their names do not tell."""


Answering = Callable[[Any, Request], Awaitable[dict[str, Any]]]


def _answered(work: Answering) -> Answering:
    """What can not be used is said beside its field, by a script that asked: no failed request."""

    @wraps(work)
    async def answered(asked: Any, request: Request) -> dict[str, Any]:
        try:
            return await work(asked, request)
        except TooLongError as error:
            hint = "run `breakeven profile LOGS -o profile.json` in a terminal, and choose profile.json here"
            return {"problems": problems_of(InputError(Problem(message=str(error), hint=hint)))}
        except LogError as error:
            return {"problems": problems_of(error), "columns": [clean(column) for column in error.columns]}
        except InputError as error:
            return {"problems": problems_of(error)}

    return answered


def _warm_up(app: Starlette) -> None:
    """Let a worker load what the first file will need."""
    if not hasattr(app.state, "desk") or hasattr(app.state, "warming"):
        return

    async def warm() -> None:
        with suppress(BreakevenError):  # too busy: then it is warm enough
            await services_of(app).compute(ready, {})

    app.state.warming = asyncio.create_task(warm())  # held, so that it is not collected on its way


def _most(app: Starlette) -> int:
    return services_of(app).limits.upload_bytes if hasattr(app.state, "desk") else Limits.upload_bytes


@routes.get("/start")
async def start(request: Request) -> Response:
    """The way to a first decision. Logs that were measured stay so when the page is loaded again."""
    its = served(request)
    pending = getattr(request.app.state, "pending", None)
    if not its.is_there:
        _warm_up(request.app)
    return HTMLResponse(
        page("start.html.j2", here="/", templates=template_names(), questions=QUESTIONS, tasks=task_choices(),
             folder=its.path.parent.name or its.path.parent.resolve().name, file=its.path.name, is_there=its.is_there,
             token_parts=TOKEN_PARTS, most_bytes=_most(request.app), most_files=Limits.evidence,
             measured=_measured_html(pending) if isinstance(pending, Pending) else "")
    )  # fmt: skip


@routes.post("/start/template")
async def start_from_template(asked: Named, request: Request) -> dict[str, str]:
    """Write a template as the study."""
    its = served(request)
    write_study(its.path, from_template(asked.name))
    return {"go": "/"}


@routes.post("/start/answers")
@_answered
async def start_from_answers(asked: Given, request: Request) -> dict[str, Any]:
    """Write a study from the seven questions."""
    its = served(request)
    write_study(its.path, await its.quickly(lambda: from_answers(asked.answers, its.whatif.setting)))
    return {"go": "/"}


@routes.post("/start/logs")
@_answered
async def start_from_logs(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Measure the logs and draw the study up; nothing but the profile is written yet."""
    its = served(request)
    if its.is_there:
        raise InputError("a study is here already: its evidence page takes logs")
    profile = await _measured(services_of(request.app), asked)
    pending = await its.quickly(lambda: drafted(profile, its.whatif.setting))
    request.app.state.pending = pending
    return {"html": _measured_html(pending)}


def _measured_html(pending: Pending) -> str:
    return page(
        "measured.html.j2", rows=measured_rows(pending.profile), must=ask_for(pending), pending=pending,
        tasks=task_choices(), warnings=_warnings(pending.profile), is_training=looks_like_training(pending.profile),
    )  # fmt: skip


def _warnings(profile: Mapping[str, Any]) -> list[str]:
    return [clean(for_the_page(str(w))) for w in profile.get("warnings", [])]


@routes.post("/start/fill")
@_answered
async def fill(asked: Given, request: Request) -> dict[str, Any]:
    """Write the study with what a person added to the logs."""
    its = served(request)
    pending = getattr(request.app.state, "pending", None)
    if not isinstance(pending, Pending):
        raise InputError("no logs were measured yet: choose them above")
    write_study(its.path, await its.quickly(lambda: filled(pending, asked.answers, its.whatif.setting)))
    request.app.state.pending = None
    return {"go": "/"}


async def _measured(services: Services, asked: Uploaded) -> dict[str, Any]:
    sampling = _share(asked.sampling)
    if len(asked.uploads) == 1:
        with services.uploads.folder_of(asked.uploads) as (folder, (name,)):
            found = await asyncio.to_thread(written_profile, folder / name)
        if found is not None:
            return found
    names = [services.uploads.get(one).name for one in asked.uploads]
    arguments: dict[str, Any] = {
        "logs": names, "format_name": None, "columns": _columns(asked), "sampling": sampling, "redact": True,
        "prompts": None,
    }  # fmt: skip
    return as_profile(await _worked(services, services.desk.profile, arguments, asked.uploads))


def _columns(asked: Uploaded) -> dict[str, str]:
    return {field: column.strip() for field, column in asked.columns.items() if column.strip()}


def _share(text: str) -> float | None:
    """A share above 0; None where nothing or all is stated."""
    if not text.strip() or text.strip() == "100%":
        return None
    right = "a share such as 10%, if one call in ten is in these files; 100% if all are"
    try:
        found = read(text, KINDS["share"])
    except InputError as exc:
        problem = Problem(message=f"{text!r} is no share of the calls", field="sampling", hint=right)
        raise InputError(problem) from exc
    if not found.is_point or not 0 < found.low <= 1:
        raise InputError(Problem(message=f"{text!r} is no share of the calls", field="sampling", hint=right))
    return found.low


async def _worked(
    services: Services, function: Callable[..., Any], arguments: Mapping[str, Any], uploads: Sequence[str]
) -> bytes:
    """A worker's answer. Raises what it refused."""
    answer = await services.compute(function, arguments, uploads)
    if answer.status == "done":
        return answer.body
    raise refusal(json.loads(answer.body) if answer.status == "refused" else {})


# ------------------------------------------------------------------------------------ evidence for a study


@routes.get("/evidence")
async def evidence(request: Request) -> Response:
    """Logs, scored cases and training data for the study."""
    its = served(request)
    candidates = list(its.whatif.study(its.text()).candidates) if its.is_there else []
    _warm_up(request.app)
    return HTMLResponse(
        page("evidence.html.j2", here="/evidence", candidates=candidates, is_there=its.is_there,
             most_bytes=_most(request.app), most_files=Limits.evidence)
    )  # fmt: skip


@routes.post("/evidence/logs")
@_answered
async def logs(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Measure logs, and let the study read the profile."""
    its = served(request)
    profile = await _measured(services_of(request.app), asked)
    from breakeven.evidence.profile.writing import as_json

    def attach() -> None:
        file = its.whatif.setting.folder / PROFILE
        before = file.read_text("utf-8") if file.exists() else None
        save(file, as_json(profile) + "\n")
        try:
            _attach(its, [Edit(("workload", "profile"), PROFILE)])
        except BaseException:
            file.unlink() if before is None else save(file, before)
            raise

    await its.quickly(attach)
    said = f"The study reads {PROFILE} from now on."
    return {"html": page("rows.html.j2", rows=measured_rows(profile), warnings=_warnings(profile), said=said)}


_SCORES: Final = "evidence/evals"


@routes.post("/evidence/scores")
@_answered
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

    try:
        path, now = await its.quickly(attach)
    except InputError as error:
        raise beside_its_file(error, services.uploads.get(asked.uploads[0]).name) from error
    rows = [("Candidate", clean(asked.candidate)), ("Quality now", clean(now)), ("Kept at", path)]
    return {
        "html": page(
            "rows.html.j2", rows=rows, warnings=[], said="The decision uses these scores from now on."
        )
    }


def _attach(its: Served, edits: Sequence[Edit]) -> None:
    """Write the study with these fields, if it still is one."""
    saved = its.text()
    text = edit_all(saved, edits)
    its.whatif.forget()  # evidence of the same name may hold something else now
    its.whatif.study(text)
    save(its.path, text)


@routes.post("/evidence/training")
@_answered
async def training(asked: Uploaded, request: Request) -> dict[str, Any]:
    """Check training data; nothing is written."""
    services = services_of(request.app)
    names = [services.uploads.get(one).name for one in asked.uploads]
    arguments: dict[str, Any] = {
        "train": names, "cases": None, "result": None, "logs": [], "hosts": [], "model": None, "epochs": [2, 4],
        "runs": [3, 10], "columns": _columns(asked), "format_name": None, "only": [], "settings": {}, "seed": 0,
    }  # fmt: skip
    return {
        "html": checked_html(
            json.loads(await _worked(services, services.desk.check, arguments, asked.uploads))
        )
    }
