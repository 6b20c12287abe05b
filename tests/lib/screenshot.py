#!/usr/bin/python3
"""screenshot.py TITLE <CAPTURE >IMAGE.svg: what `tmux capture-pane -p -e` printed, as a picture.  tests/lib/screenshot.sh uses it."""
import html
import re
import sys
import unicodedata

WIDTH, HEIGHT, MARGIN = 8.4, 18, 14  # of a character cell; around all
GROUND, INK = "#16181d", "#d7dae0"
BASIC = ["#16181d", "#e05561", "#35a77c", "#d7a03f", "#4a9eea", "#c162de", "#42b3c2", "#d7dae0"]


def color_256(n):
    if n < 16:
        return BASIC[n % 8]
    if n >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (n - 232),) * 3)
    n -= 16
    return "#%02x%02x%02x" % tuple(0 if v == 0 else 55 + 40 * v for v in (n // 36, n // 6 % 6, n % 6))


def apply(state, codes):
    codes = [int(c or 0) for c in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            state.update(color=None, bold=False, dim=False, reverse=False)
        elif code in (1, 2, 7):
            state[{1: "bold", 2: "dim", 7: "reverse"}[code]] = True
        elif 30 <= code <= 37:
            state["color"] = BASIC[code - 30]
        elif code == 39:
            state["color"] = None
        elif code == 38 and codes[:1] == [5]:
            state["color"] = color_256(codes[1])
            codes = codes[2:]
        elif code == 38 and codes[:1] == [2]:
            state["color"] = "#%02x%02x%02x" % tuple(codes[1:4])
            codes = codes[4:]


def runs(line, state):
    """Pieces of one style: (column, columns, text, style)."""
    column = 0
    for piece in re.split(r"(\x1b\[[0-9;]*m|\x0e|\x0f)", line):
        if piece.startswith("\x1b"):
            apply(state, piece[2:-1])
        elif piece and piece not in "\x0e\x0f":
            columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in piece)
            yield column, columns, piece, dict(state)
            column += columns


def main(title):
    lines = sys.stdin.read().split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    state = dict(color=None, bold=False, dim=False, reverse=False)
    drawn, widest = [], 0
    for number, line in enumerate(lines):
        top = MARGIN + number * HEIGHT
        for column, columns, text, style in runs(line, state):
            widest = max(widest, column + columns)
            left, ink = MARGIN + column * WIDTH, style["color"] or INK
            if style["reverse"]:
                drawn.append(f'<rect x="{left:.1f}" y="{top}" width="{columns * WIDTH:.1f}" height="{HEIGHT}" fill="{ink}"/>')
                ink = GROUND
            if text.strip():
                more = (' font-weight="bold"' if style["bold"] else "") + (' opacity="0.6"' if style["dim"] else "")
                drawn.append(f'<text x="{left:.1f}" y="{top + 13.5}" fill="{ink}"{more} textLength="{columns * WIDTH:.1f}"'
                             f' xml:space="preserve">{html.escape(text)}</text>')
    width, height = widest * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}"'
          f' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">\n<title>{html.escape(title)}</title>\n'
          f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>')
    print("\n".join(drawn))
    print("</svg>")


main(*sys.argv[1:])
