"""`studio gallery export`: the pictures of a board, as `studio export pictures` writes them."""

import argparse

from studio.cli.export_job import begin_job
from studio.cli.export_pictures import write_all
from studio.cli.export_render import SubjectRenderer
from studio.cli.export_sources import read_board
from studio.cli.output import answer, answer_json
from studio.export.plan import ExportPlan
from studio.export.stills import StillSettings
from studio.files.places import studio_home
from studio.library.gallery import Gallery


def export_board(args: argparse.Namespace) -> int:
    """Write the pictures of a board into a folder."""
    settings = StillSettings(format=args.format, size=args.size)
    with Gallery(studio_home()) as gallery:
        subjects = read_board(gallery.items(), args.board)
        renderer = SubjectRenderer(gallery, settings=settings, wish="auto", is_silent=args.json)
        job = begin_job(subjects, ExportPlan(args.out, args.template, settings))
        written = write_all(job, renderer, is_silent=args.json)
    if args.json:
        found = [
            {"id": one.subject.kept.id, "path": str(one.path.absolute())}
            for one in written
            if one.subject.kept is not None
        ]
        answer_json({"schema": 1, "board": args.board, "pictures": found})
        return 0
    for one in written:
        answer(str(one.path))
    return 0
