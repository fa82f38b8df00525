"""The README of a model that is shared: a head that model hubs read, then words for people.

Source: the model card metadata of the Hugging Face hub (YAML between two lines of dashes). Values
are written as JSON, which YAML reads.
"""

import json
import re
from typing import Final

from studio.core.model_card import ModelCard

# As they stand on cards → the hub's identifiers.
_LICENCES: Final = {
    "cc0 1.0": "cc0-1.0",
    "public domain": "cc0-1.0",
    "cc by 4.0": "cc-by-4.0",
    "cc by sa 4.0": "cc-by-sa-4.0",
    "cc by nc 4.0": "cc-by-nc-4.0",
    "mit": "mit",
    "apache 2.0": "apache-2.0",
}
_HUB_NAME: Final = re.compile(r"[\w.-]+/[\w.-]+")
_FAMILIES: Final = {"gan": "style generator", "plain": "generator"}


def readme_of(card: ModelCard) -> str:
    """Give the text of README.md; the same card gives the same text."""
    head = [f"{key}: {_yaml(value)}" for key, value in _head(card).items()]
    return "\n".join(["---", *head, "---", "", *_words(card)]) + "\n"


def _head(card: ModelCard) -> dict[str, object]:
    head: dict[str, object] = {"license": _hub_licence(card)}
    if head["license"] == "other":
        head["license_name"] = ", ".join(_licences(card)) or "unknown"
    head |= {
        "library_name": "onnx",
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["art", "onnx", "latent-studio", card.family],
    }
    sources = [right.source for right in card.rights if _HUB_NAME.fullmatch(right.source)]
    if sources:
        head["datasets"] = sources
    return head


def _words(card: ModelCard) -> list[str]:
    lines = [
        f"# {card.name}",
        "",
        f"A {_FAMILIES.get(card.family, card.family)} of {card.resolution} px for Latent Studio, as ONNX graphs.",
        "",
        "Open the zip, or its unpacked folder, in Latent Studio: drop it on the window, or",
        "`studio models import FILE`.",
        "",
        f"Other programs: `mapping.onnx` takes z [N, {card.z}] from a normal distribution and gives",
        f"w [N, {card.layers}, {card.w}]; `synthesis.onnx` takes w and gives `image` [N, 3, H, W] in −1…1.",
        "",
        "## Rights",
        "",
    ]
    if not card.rights:
        lines.append("Nobody has said whose this is: ask before you publish pictures made with it.")
    lines += [f"- {right.source}: {right.licence}, {right.credit}" for right in card.rights]
    if card.credit:
        lines += ["", f"Credit that pictures carry: {card.credit}"]
    if card.training is not None:
        record = card.training
        lines += [
            "",
            "## Training",
            "",
            f"{record.kimg:g} thousand pictures seen, on {record.device}: `{record.command}`",
        ]
    if card.scores:
        lines += ["", "## Scores", ""]
        for name, score in sorted(card.scores.items()):
            floor = "" if score.floor is None else f" (real pictures: {score.floor:g})"
            lines.append(f"- {name}: {score.value:g}{floor}")
    lines += ["", f"Model hash: `{card.model}`"]
    return lines


def _licences(card: ModelCard) -> list[str]:
    return list(dict.fromkeys(right.licence for right in card.rights))


def _hub_licence(card: ModelCard) -> str:
    """Give the hub's word when all links of the chain have the same one, else "other"."""
    found = {
        _LICENCES.get(licence.lower().replace("-", " "), "other") for licence in _licences(card)
    }
    return found.pop() if len(found) == 1 else "other"


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
