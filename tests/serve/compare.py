"""Are two answers to one request alike, but for what may differ?

An answer is (status, headers, body); headers is a dictionary of small names.
What may differ is listed in README.md beside this file, by the words that
`differ` returns for it.
"""
import json
import re

BOUNDS = (50, 100, 150, 200, 300)
HEADERS = ("content-type", "allow", "location", "vary", "www-authenticate", "access-control-allow-origin",
           "access-control-allow-credentials", "access-control-allow-methods", "access-control-allow-headers",
           "access-control-max-age")
MOST_INPUT = 1024

# What Python reads and cannot write: numbers that are not finite, and halves of
# characters; and whole numbers beyond any double, which pydantic 1 fails upon.
UNPRINTABLE = re.compile(rb"NaN|Infinity|[eE]\+?0*(?:[3-9]\d\d|[1-9]\d{3,})|\\ud8|\xed\xa0|\d{309}")


class Members(list):
    """An object, its members in their order."""


def parse(body):
    return json.loads(body, object_pairs_hook=Members)


def is_number(x):
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def near_bound(aqi):
    return any(abs(aqi - b) <= 0.01 for b in BOUNDS)


def get(members, name):
    for key, value in members:
        if key == name:
            return value
    return None


def same_member(name, ours, theirs, theirs_all):
    if name in ("processing_time_ms", "total_processing_time_ms", "timestamp"):
        return is_number(ours) and is_number(theirs)
    if name == "aqi":
        return is_number(ours) and abs(ours - theirs) <= 0.0100001
    if name == "category" and near_bound(get(theirs_all, "aqi")):
        return isinstance(ours, str)
    if name == "model_type":
        return isinstance(ours, str)
    return same_value(ours, theirs)


def same_object(ours, theirs):
    names = [k for k, _ in ours]
    if "loc" in names and "input" not in names:  # left out: see differ
        theirs = Members((k, v) for k, v in theirs if k != "input")
    if "doc" not in names and get(theirs, "doc"):  # the same
        theirs = Members((k, v) for k, v in theirs if k != "doc")
    if "model_type" in names:  # more members follow
        ours = ours[:len(theirs)]
    return len(ours) == len(theirs) and all(
        a[0] == b[0] and same_member(a[0], a[1], b[1], theirs) for a, b in zip(ours, theirs))


def same_value(ours, theirs):
    if isinstance(ours, Members) and isinstance(theirs, Members):
        return same_object(ours, theirs)
    if isinstance(ours, list) and isinstance(theirs, list) and not isinstance(theirs, Members):
        return len(ours) == len(theirs) and all(map(same_value, ours, theirs))
    # 1 is not 1.0 here, nor True.
    return type(ours) is type(theirs) and repr(ours) == repr(theirs)


def in_order(name, value):
    """Two methods of allow come in the order of a Python set, which is any."""
    return sorted(value.split(", ")) if name == "allow" and value else value


def is_same(request, ours, theirs):
    if ours[0] != theirs[0]:
        return False
    try:
        return same_value(parse(ours[2]), parse(theirs[2]))
    except ValueError:
        return False


# What may differ, and why: see README.md.
KNOWN = (None, "not finite", "too deep", "trailing comma", "other digits", "pairs")


def of_pydantic1(request, ours, theirs):
    if b"\\u0661" in request[3].replace(b"\0", b""):
        return "other digits"
    if b'"type_error.dict"' in ours[2] and b'"type_error.dict"' not in theirs[2]:
        return "pairs"
    return None


def differ(request, ours, theirs, old_python, pydantic1=False):
    """None when alike, else a word for a difference that may be, or a text."""
    method, path = request[0], request[1]
    if pydantic1:
        known = of_pydantic1(request, ours, theirs)
        if known and not is_same(request, ours, theirs):
            return known
    if theirs[0] == 500 and ours[0] == 422 and UNPRINTABLE.search(request[3].replace(b"\0", b"")):
        return "not finite"
    if theirs[0] == 400 and ours[0] == 422 and old_python and b"[" * 900 in request[3]:
        return "too deep"
    if ours[0] != theirs[0]:
        return f"status {ours[0]}, not {theirs[0]}"
    for name in HEADERS:
        if in_order(name, ours[1].get(name)) != in_order(name, theirs[1].get(name)):
            return f"{name}: {ours[1].get(name)}, not {theirs[1].get(name)}"
    if method == "HEAD":
        return None if ours[2] == theirs[2] == b"" else "a body"
    if ours[2] == theirs[2]:
        return None
    if old_python and b"Illegal trailing comma" in ours[2]:
        return "trailing comma"
    # An input may be left out where it is large, so where the body is.
    if ours[2].count(b'"input":') < theirs[2].count(b'"input":') and len(request[3]) <= MOST_INPUT:
        return "an input is left out"
    return None if is_same(request, ours, theirs) else "not the same value"
