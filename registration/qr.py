"""A reference code as a QR code: SVG for the page, drawn without style attributes (strict CSP)."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe

_BORDER = 4  # modules of quiet zone that the standard asks for


def qr_svg(code: str) -> SafeString:
    """The QR code of a text, scaled by the style sheet. Its text is the code alone: a scanner types it, and Enter.

    Error correction M: a paper that was folded and scanned is still read.
    """
    drawn = segno.make(code, error="m", micro=False)
    svg = drawn.svg_inline(border=_BORDER, omitsize=True, svgclass="qr", lineclass=None, light="#fff")
    return mark_safe(svg.replace("<svg ", '<svg aria-hidden="true" ', 1))
