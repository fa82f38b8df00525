"""Finished pictures for an export: read from the gallery or rendered, enlarged where it is wished."""

import msgspec

from studio.cli.export_sources import Subject
from studio.cli.model_choice import open_library
from studio.cli.output import note
from studio.cli.picture_writer import enlarged_as_wished
from studio.core.arrays import Picture
from studio.core.enlargement import enlargement_of, factor_for, tile_of, with_enlargement
from studio.core.errors import ModelError
from studio.core.layer_plan import pictures_of, plan_layers
from studio.core.model_card import ModelCard
from studio.core.recipe import Enlarge, Recipe, size_px
from studio.engine.enlarging import Enlarger
from studio.engine.providers import Wish
from studio.engine.session import GeneratorModel
from studio.export.layers import (
    LayeredPicture,
    check_room,
    fitted,
    has_parts,
    layers_from,
    single_layer,
)
from studio.export.stills import StillSettings
from studio.files.deep_images import DeepPicture
from studio.files.images import decode_picture
from studio.library.gallery import Gallery, Kept
from studio.library.kept import remembered_card


class Rendered(msgspec.Struct, frozen=True):
    """A picture that can be written.

    Attributes:
        picture: uint8 or uint16 [H, W, 3], at least as large as wished.
        recipe: What made it, with its enlargement.
        card: The model that made it.
    """

    picture: Picture | DeepPicture
    recipe: Recipe
    card: ModelCard


class SubjectRenderer:
    """Makes pictures one after another; the model of the last one stays open."""

    def __init__(
        self, gallery: Gallery, *, settings: StillSettings, wish: Wish, is_silent: bool
    ) -> None:
        self._gallery, self._settings, self._wish = gallery, settings, wish
        self._is_silent = is_silent
        self._enlarger: Enlarger | None = None
        self._opened: GeneratorModel | None = None

    def picture(self, subject: Subject) -> Rendered:
        """Give one picture; raises `StudioError` where it cannot be made."""
        kept = subject.kept
        if kept is None or kept.is_damaged:
            return self._made(subject.recipe)
        picture = decode_picture(self._gallery.read_picture_file(kept))
        factor = factor_for(max(picture.shape[:2]), self._settings.size)
        large = self._enlarge(picture, subject.recipe, factor=factor)
        return Rendered(large, with_enlargement(subject.recipe, factor), card_of(kept))

    def layered(self, subject: Subject) -> LayeredPicture:
        """Give one picture with its layers; one that has no regions is a single layer."""
        kept, size = subject.kept, self._settings.size
        painted_in = "" if kept is None else kept.painted_in
        if painted_in or not subject.recipe.regions or not self._has_parts(subject.recipe):
            made = self.picture(subject)
            return single_layer(
                subject.name,
                fitted(made.picture, self._settings),
                recipe=made.recipe,
                card=made.card,
                painted_in=painted_in,
            )
        model = self._model(subject.recipe.model)
        width, height = size_px(subject.recipe, model.card.resolution)
        factor = enlargement_of(subject.recipe)
        if size is not None:
            factor = factor_for(max(width, height), size)
        planned = plan_layers(subject.recipe)
        scale = factor if size is None else size / max(width, height)
        check_room(len(planned), (round(width * scale), round(height * scale)))
        pictures = {
            one: self._enlarge(model.render(one), one, factor=factor)
            for one in pictures_of(planned)
        }
        recipe = with_enlargement(subject.recipe, factor)
        return layers_from(
            subject.name, pictures, recipe=recipe, card=model.card, settings=self._settings
        )

    def _has_parts(self, recipe: Recipe) -> bool:
        return has_parts(recipe, self._model(recipe.model).card)

    def _made(self, recipe: Recipe) -> Rendered:
        model = self._model(recipe.model)
        told, picture = enlarged_as_wished(
            recipe,
            model.render(recipe),
            engine=model,
            enlarger=self._the_enlarger(),
            settings=self._settings,
        )
        return Rendered(picture, told, model.card)

    def _enlarge(self, picture: Picture, recipe: Recipe, *, factor: Enlarge) -> Picture:
        return self._the_enlarger().enlarge(picture, factor, wrap=tile_of(recipe))

    def _the_enlarger(self) -> Enlarger:
        if self._enlarger is None:
            self._enlarger = Enlarger(wish=self._wish)
        return self._enlarger

    def _model(self, model: str) -> GeneratorModel:
        if self._opened is None or self._opened.card.model != model:
            self._opened = None  # the memory of one before that of the next
            try:
                found = open_library().find(model)
            except ModelError as error:
                raise ModelError(
                    "The model of a picture is not installed.",
                    "Install it, or export the kept picture as PNG.",
                ) from error
            self._opened = GeneratorModel.open(found.folder, wish=self._wish)
            if self._wish == "cuda" and self._opened.fallback_reason and not self._is_silent:
                note(self._opened.fallback_reason)
        return self._opened


def card_of(kept: Kept) -> ModelCard:
    """Give the card of a kept picture's model; of one that is not installed what is known."""
    try:
        return open_library().find(kept.model).card
    except ModelError:
        return remembered_card(kept)
