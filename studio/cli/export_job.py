"""`export pictures` as a job that goes on where it was stopped."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from studio.cli.export_sources import Subject
from studio.core.errors import StorageError
from studio.export.plan import ExportPlan
from studio.export.unfinished import ExportRecord, Wanted
from studio.files.places import studio_home
from studio.library.gallery import Gallery


class ExportJob(msgspec.Struct):
    """What is to be written, and what is written already.

    Attributes:
        subjects: All pictures, in order.
        plan: Where to and how.
        whole: Place → file of what is written and whole.
        record: Where each file is noted; of one picture alone nothing is.
    """

    subjects: Sequence[Subject]
    plan: ExportPlan
    whole: dict[int, Path]
    record: ExportRecord

    def note(self, place: int, path: Path, *, content: bytes) -> None:
        """Say what is about to get its name."""
        self.record.note(place, path, content=content)

    def close(self) -> None:
        """Leave the record as it is, to go on later."""
        self.record.close()

    def end(self) -> None:
        """All is written."""
        if len(self.subjects) > 1:
            self.record.forget()


def begin_job(subjects: Sequence[Subject], plan: ExportPlan) -> ExportJob:
    """Begin a job; one that was stopped before is forgotten, unless this is of one picture."""
    record = ExportRecord(studio_home(), whose="command")
    if len(subjects) > 1:
        wanted = [Wanted(one.recipe, one.name, one.kept.id if one.kept else "") for one in subjects]
        record.begin(wanted, msgspec.structs.replace(plan, folder=plan.folder.absolute()))
    return ExportJob(subjects, plan, {}, record)


def resume_job(gallery: Gallery) -> ExportJob:
    """Take up the job that was stopped.

    Raises:
        StorageError: None was.
    """
    record = ExportRecord(studio_home(), whose="command")
    found = record.read()
    if found is None:
        raise StorageError(
            "No export was stopped.", "Begin one: `studio export pictures --help` shows how."
        )
    record.go_on()
    subjects = [_subject(one, gallery) for one in found.wanted]
    return ExportJob(subjects, found.plan, found.whole_paths(), record)


def _subject(wanted: Wanted, gallery: Gallery) -> Subject:
    """Give a picture again; one that was kept and is gone is made from its recipe."""
    return Subject(wanted.recipe, wanted.name, gallery.find(wanted.kept))
