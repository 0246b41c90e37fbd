"""The figures of a class report: inline SVG that takes its colours from the page, and the words for it."""

from __future__ import annotations

from markupsafe import Markup

from autograder.class_summary import Exercise, LessonSummary

# Of the histogram, in its own units, which are about those of a narrow screen.
WIDTH, TOP, BOTTOM, LEFT, RIGHT = 360, 20, 142, 14, 346


def percent(share: float | None) -> str:
    """A share from 0 to 1 in words; 0% and 100% are said of none and all only."""
    if share is None:
        return "–"
    rounded = round(100 * share)
    return f"{rounded if share in (0, 1) else min(max(rounded, 1), 99)}%"


def marks_in_words(lesson: LessonSummary) -> str:
    """What one should see in the histogram of a lesson's marks."""
    most = max(lesson.bins, key=lambda each: each.count / (each.high - each.low))
    said = f"Histogram of the marks of {lesson.graded} students in {lesson.title}."
    if lesson.median is not None:
        said += f" The median is {percent(min(lesson.median / lesson.points, 1))} of the points."
    return f"{said} Most marks, {most.count}, lie close together from {most.low} to {most.high}%."


def histogram(lesson: LessonSummary) -> Markup:
    """The marks of a lesson: bars whose area is the number of students, which stands above each."""
    density = max(each.count / (each.high - each.low) for each in lesson.bins)
    scale, shapes, words = (RIGHT - LEFT) / 100, [], []
    for each in lesson.bins:
        left, width = LEFT + each.low * scale, (each.high - each.low) * scale
        height = (BOTTOM - TOP) * each.count / (each.high - each.low) / density
        if each.count:
            shapes.append(
                f'<rect class="bar" x="{left + 1:.1f}" y="{BOTTOM - height:.1f}" '
                f'width="{width - 2:.1f}" height="{max(height, 1.5):.1f}"/>'
            )
            words.append(
                f'<text class="count" x="{left + width / 2:.1f}" y="{BOTTOM - height - 5:.1f}">{each.count}</text>'
            )
    for tick in range(0, 101, 20):
        words.append(f'<text x="{LEFT + tick * scale:.1f}" y="{BOTTOM + 23}">{tick}</text>')
    if lesson.median is not None:
        place = LEFT + 100 * scale * min(lesson.median / lesson.points, 1)
        shapes.append(f'<path class="median" d="M{place:.1f} {BOTTOM + 1}l5 9h-10z"/>')
    return Markup(
        '<svg class="histogram" role="img" aria-label="{alt}" viewBox="0 0 {width} 190">{shapes}'
        '<path class="axis" d="M{left} {bottom}H{right}"/>{words}'
        '<text x="{middle}" y="184">marks in % of {points} points</text></svg>'
    ).format(
        alt=marks_in_words(lesson),
        width=WIDTH,
        left=LEFT,
        right=RIGHT,
        bottom=BOTTOM,
        middle=(LEFT + RIGHT) / 2,
        points=f"{lesson.points:g}",
        shapes=Markup("".join(shapes)),
        words=Markup("".join(words)),
    )


def strip(exercise: Exercise) -> Markup:
    """One bar for an exercise: all of its points, some, none, not written; what is not shown is left open."""
    kinds, left, shapes = ("full", "part", "nothing", "unwritten"), 0.0, []
    said = zip(("all points", "some", "none", "not written"), exercise.groups, strict=True)
    alt = ", ".join(f"{words}: {percent(group.share)}" for words, group in said if group.share is not None)
    for kind, group in zip(kinds, exercise.groups, strict=True):
        if group.share:
            shapes.append(f'<rect class="{kind}" x="{left:.2f}" width="{100 * group.share:.2f}" height="10"/>')
            left += 100 * group.share
    return Markup(
        '<svg class="strip" role="img" aria-label="{alt}" viewBox="0 0 100 10" preserveAspectRatio="none">'
        "{shapes}</svg>"
    ).format(alt=alt or "too few to show", shapes=Markup("".join(shapes)))
