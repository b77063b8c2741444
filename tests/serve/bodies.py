"""Requests for two services that should answer alike: good ones and bad ones.

A request is (method, path, headers, body), all but headers bytes or text as
they go over the wire; headers is a list of pairs. The same seed makes the same
requests.
"""
import json
import random

FIELDS = [  # name, least, greatest, is it an integer?
    ("pm25", 0, 500, False), ("pm10", 0, 600, False), ("no2", 0, 200, False),
    ("so2", 0, 100, False), ("co", 0, 50, False), ("o3", 0, 300, False),
    ("temperature", -50, 60, False), ("humidity", 0, 100, False),
    ("wind_speed", 0, 50, False), ("pressure", 900, 1100, False),
    ("hour", 0, 23, True), ("day_of_week", 0, 6, True), ("month", 1, 12, True),
]
BLANKS = ["", "", "", " ", "\n", "\t", "  ", "\r\n"]
JSON_TYPES = ["application/json", "Application/JSON", "application/json; charset=utf-8",
              "application/problem+json", "application/vnd.api+json;v=1", None, ""]
OTHER_TYPES = ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream",
               "application/jsonp", "text/json", "json", "application/json/x", "multipart/form-data; boundary=x"]
HOSTILE = [  # values as they stand in JSON
    "null", "[]", "{}", "[1]", '{"a":1}', '""', '"x"', '" "', '"1.2.3"', '"0x10"', '"--1"', '"+-1"',
    '"1e"', '"1__0"', '"_1"', '"1_"', '"\\u0661"', '"1,5"', '"14.5"', '"14."', '"1e1"', '".5"',
    "-0.0001", "-1", "1e5", "1e19", "-1e19", "9223372036854775808", "123456789012345678901234567890",
    "1e308", "14.5", "14.0000001", "1" + "0" * 400, '"' + "9" * 4301 + '"', "1e400", "-1e400",
    "NaN", "Infinity", "-Infinity", '"NaN"', '"inf"', '"-Infinity"', '"1e400"', "true", "false",
    '"\\ud83d\\ude00"', '"\\n"', '"a\\"b\\\\c"', '"\u00e9\u4e2d"', "1E-400", "0.1e-5", "5e-324",
    "123456789.123456789", "1e16", "1e15", "12345678901234567", "1.0e-5", "0.0001", "600.5", "-50.1",
]


def number(rng, low, high, whole):
    """A number within its bounds, in one of the forms that count as one."""
    value = rng.randint(low, high) if whole else rng.choice([
        rng.uniform(low, high), round(rng.uniform(low, high), 1), float(low), float(high),
        float(rng.randint(low, high))])
    form = rng.randrange(12)
    if form == 0 and value == int(value):
        return str(int(value))
    if form == 1:
        return f"{value:e}" if not whole or value < 10 else f"{value}.0"
    if form == 2:
        return f'"{value}"'
    if form == 3:
        return f'"{rng.choice([" ", chr(160), chr(9)[:0], "  "])}{value} "'
    if form == 4 and low <= 1 <= high:
        return "true"
    if form == 5 and low <= 0 <= high:
        return rng.choice(["false", "-0", "0e5", '"-0"', "0"])
    if form == 6 and whole:
        return f"{value}.0"
    if form == 7 and whole:
        return f'"+0{value}.00"'
    if form == 8 and not whole and value >= 0:
        return f'"+{value:.3f}"' if value <= high - 1 else f'"{value}"'
    return repr(value)


def members(rng):
    """The members of a good record, as pairs of texts."""
    pairs = [(f'"{n}"', number(rng, low, high, whole)) for n, low, high, whole in FIELDS]
    if rng.random() < 0.3:
        rng.shuffle(pairs)
    if rng.random() < 0.15:
        pairs.insert(rng.randrange(len(pairs)), ('"station"', rng.choice(HOSTILE + ['[[{"x":[]}]]'])))
    if rng.random() < 0.1:  # the last of a name counts
        pairs.insert(0, (rng.choice(pairs)[0], rng.choice(HOSTILE)))
    if rng.random() < 0.1:
        k = rng.randrange(len(pairs))
        pairs[k] = (pairs[k][0].replace("m", "\\u006d").replace("o", "\\u006F"), pairs[k][1])
    return pairs


def write(rng, pairs):
    """Members as an object, with blanks in any place or in none."""
    if rng.random() < 0.5:
        return "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"
    b = lambda: rng.choice(BLANKS)
    return "{" + ",".join(f"{b()}{k}{b()}:{b()}{v}{b()}" for k, v in pairs) + (b() if not pairs else "") + "}"


def batch(rng, records):
    b = lambda: rng.choice(BLANKS)
    return f'{b()}{{{b()}"instances"{b()}:{b()}[{b()}{",".join(records)}{b()}]{b()}}}{b()}'


def encode(rng, text):
    choice = rng.randrange(12)
    if choice == 0:
        return b"\xef\xbb\xbf" + text.encode("utf-8", "surrogatepass")
    if choice == 1:
        return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]))
    return text.encode("utf-8", "surrogatepass")


def headers(rng, content_type):
    out = [] if content_type is None else [("Content-Type", content_type)]
    if rng.random() < 0.2:
        out.append(("Origin", rng.choice(["http://a.example", "null", "https://b.example:8443"])))
        if rng.random() < 0.5:
            out.append(("Cookie", "a=b"))
    if rng.random() < 0.2:
        out.append(("Accept", rng.choice(["*/*", "text/html", "application/json"])))
    return out


def preflight(rng, method):
    out = [("Origin", "http://a.example"), ("Access-Control-Request-Method", method)]
    if rng.random() < 0.5:
        out.append(("Access-Control-Request-Headers", rng.choice(["content-type", "x-api-key, Content-Type"])))
    return ("OPTIONS", rng.choice(["/predict", "/health", "/nosuch", "/", "/predict/"]), out, b"")


def good(rng):
    choice = rng.randrange(20)
    if choice == 0:
        path = rng.choice(["/health", "/ready", "/model/info", "/%68ealth", "/health?x=1", "/ready?"])
        return ("GET", path, headers(rng, None), b"")
    if choice == 1:
        return preflight(rng, rng.choice(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]))
    if choice == 2:
        return ("HEAD", "/openapi.json", headers(rng, None), b"")
    if choice < 7:
        text = batch(rng, [write(rng, members(rng)) for _ in range(rng.choice([0, 1, 2, 3, 10]))])
        path = "/predict/batch"
    else:
        text = rng.choice(BLANKS) + write(rng, members(rng)) + rng.choice(BLANKS)
        path = rng.choice(["/predict", "/predict", "/predict", "/predict?a=b", "/%70redict"])
    return ("POST", path, headers(rng, rng.choice(JSON_TYPES)), encode(rng, text))


def spoil(rng, pairs):
    """A record with something wrong in one field or several."""
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        k = rng.randrange(len(pairs))
        if rng.random() < 0.3 and len(pairs) > 1:
            del pairs[k]
        else:
            pairs[k] = (pairs[k][0], rng.choice(HOSTILE))
    return pairs


def cut(rng, text):
    """A text that is not JSON, as likely as not."""
    at = rng.randrange(len(text) + 1)
    junk = rng.choice(list('{}[],:"\\ \n\t0-.eE+_aNtf/\'') + ["\\u12", "\\ud800", "\x00", "\x1f", "//", "nul",
                                                          "tru", "\u00e9", ",,", "}}", '""', "\\x", "\ufeff"])
    return rng.choice([text[:at], text[:at] + junk, text[:at] + junk + text[at:], text[:at] + text[at + 1:],
                       text[at:], text + junk, junk + text, text[:at] + junk + text[at + 1:]])


WRONG = ["null", "[]", "{}", "1", "1.5", '"x"', "true", "NaN", "-Infinity", "[[]]", '[{"pm25":1}]', '""', '{"":""}',
         "", " ", "\n\n", "{bad", '{"pm25":35.5', '{"pm25":.5}', '{"pm25":01}', '{"a":1,}', "[1,]", "[", "{", "-",
         "{'a':1}", '{"a"}', '{"a" 1}', '{"a":}', "[1 2]", '"\\', '"abc', '"a\nb"', '"\\u12"', '"\\ud800\\u1"', "nulll",
         "Infinityy", "+1", "1.", "1e", "1e+", "0x1", '{"a":1}x', "[" * 100 + "]" * 100, "9" * 4301, "\ufeff{}"]
ROUTES = [("GET", "/"), ("GET", "/nosuch"), ("GET", "/Health"), ("GET", "//health"), ("GET", "/health/"),
          ("GET", "/predict"), ("POST", "/health"), ("PUT", "/predict"), ("DELETE", "/predict/batch"),
          ("HEAD", "/health"), ("HEAD", "/predict"), ("OPTIONS", "/predict"), ("PATCH", "/ready"),
          ("GET", "/ready/?a=b&c=%20d"), ("POST", "/predict/"), ("POST", "/predict/batch//"), ("GET", "/model"),
          ("GET", "/model/info/"), ("POST", "/model/info"), ("POST", "/metrics"), ("HEAD", "/metrics"),
          ("POST", "/openapi.json"), ("GET", "/predict/batch/x"), ("GET", "/health?/"), ("GET", "/docs/?\"<>")]


def bad(rng):
    choice = rng.randrange(20)
    kind = rng.choice(JSON_TYPES)
    path = rng.choice(["/predict", "/predict", "/predict/batch"])
    if choice == 0:
        method, path = rng.choice(ROUTES)
        return (method, path, headers(rng, None), b"")
    if choice == 1:
        return preflight(rng, rng.choice(["get", "TRACE", "X", ""]))
    if choice == 2:
        text = write(rng, members(rng))
        return ("POST", path, headers(rng, rng.choice(OTHER_TYPES)), text.encode())
    if choice == 3:
        body = write(rng, members(rng)).encode()
        at = rng.randrange(len(body))
        return ("POST", path, headers(rng, kind), body[:at] + rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80",
                b"\xc0\x80", b"\xf5\x80\x80\x80", b"\x1f\x8b"]) + body[at:])
    if choice < 6:
        return ("POST", path, headers(rng, kind), encode(rng, rng.choice(WRONG)))
    if choice == 6:
        items = rng.choice(WRONG[:14])
        return ("POST", "/predict/batch", headers(rng, kind), encode(rng, f'{{"instances":{items}}}'))
    if choice < 10:
        records = [write(rng, members(rng)) for _ in range(rng.randrange(3))]
        records.insert(rng.randrange(len(records) + 1), rng.choice([write(rng, spoil(rng, members(rng))),
                                                                  rng.choice(WRONG[:13])]))
        text, path = batch(rng, records), "/predict/batch"
    else:
        text = write(rng, spoil(rng, members(rng)))
        path = rng.choice(["/predict", "/predict", "/predict/batch"])
    if choice >= 15:
        text = cut(rng, write(rng, members(rng)) if path == "/predict" else batch(rng, [write(rng, members(rng))]))
    return ("POST", path, headers(rng, kind), encode(rng, text))


def make(n, seed):
    """n good requests, and n bad ones."""
    rng = random.Random(seed)
    return [good(rng) for _ in range(n)], [bad(rng) for _ in range(n)]
