"""Writes the fixture that number knowledge is held against: what Google's rules say of numbers,
by their Python implementation, never by the crate that Tollwarden uses.

    python3 -m venv /tmp/numbers && /tmp/numbers/bin/pip install phonenumbers==9.0.42
    /tmp/numbers/bin/python testdata/numbers/make.py

The version of `phonenumbers` is the metadata's; take the one of the crate `rlibphonenumber`
(its CHANGELOG, or `cargo tree -p rlibphonenumber`), and give the crate's version below.
"""

import pathlib
import random

import phonenumbers as p
from phonenumbers import PhoneMetadata, PhoneNumberType

CRATE = "rlibphonenumber 2.2.15 (metadata 9.0.42)"
HERE = pathlib.Path(__file__).parent
RANDOM = random.Random(20261120)
COUNT = 20_000

TYPES = {getattr(PhoneNumberType, name): name.lower() for name in (
    "FIXED_LINE", "MOBILE", "FIXED_LINE_OR_MOBILE", "TOLL_FREE", "PREMIUM_RATE", "SHARED_COST",
    "VOIP", "PERSONAL_NUMBER", "PAGER", "UAN", "VOICEMAIL", "UNKNOWN")}
DESCRIPTIONS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip",
                "personal_number", "pager", "uan", "voicemail")
CODES = sorted(p.COUNTRY_CODE_TO_REGION_CODE)
SHARED = [code for code in CODES if len(p.COUNTRY_CODE_TO_REGION_CODE[code]) > 1]


def metadata():
    """Of every region, then of every code that belongs to no country."""
    for region in sorted(p.SUPPORTED_REGIONS):
        yield PhoneMetadata.metadata_for_region(region)
    for code in sorted(p.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        yield PhoneMetadata.metadata_for_nongeo_region(code)


def row(number):
    """What Google's rules say. `e164` stands only where it differs from the number as written;
    `region` only where they name one."""
    try:
        parsed = p.parse(number)
    except p.NumberParseException as error:
        assert error.error_type == p.NumberParseException.INVALID_COUNTRY_CODE, (number, error)
        return f"{number},,,,,0,0"
    e164 = p.format_number(parsed, p.PhoneNumberFormat.E164)
    kind = p.number_type(parsed)
    valid = p.is_valid_number(parsed)
    assert valid == (kind != PhoneNumberType.UNKNOWN), number
    return ",".join((
        number, e164 if e164 != number else "", p.region_code_for_number(parsed) or "",
        str(parsed.country_code), TYPES[kind], str(int(valid)),
        str(int(p.is_possible_number(parsed)))))


def digits(count):
    return "".join(RANDOM.choice("0123456789") for _ in range(count))


def main_lengths(code):
    region = p.region_code_for_country_code(code)
    if region == "001":
        return PhoneMetadata.metadata_for_nongeo_region(code).general_desc.possible_length
    return PhoneMetadata.metadata_for_region(region).general_desc.possible_length


def length(code):
    most = 15 - len(str(code))
    fitting = [n for n in main_lengths(code) if 7 - len(str(code)) <= n <= most]
    if fitting and RANDOM.random() < 0.75:
        return RANDOM.choice(fitting)
    return RANDOM.randint(7 - len(str(code)), most)


def anywhere():
    code = RANDOM.choice(CODES)
    return f"+{code}{digits(length(code))}"


def shared(examples):
    """Of a code that several regions share, half of them near what one of them gives out."""
    code = RANDOM.choice(SHARED)
    rest = digits(length(code))
    if RANDOM.random() < 0.5:
        own = [national for known, national in examples if known == code]
        head = RANDOM.choice(own)[:RANDOM.randint(2, 6)]
        rest = head + rest[len(head):]
    return f"+{code}{rest}"


def near(examples):
    """A number somebody could have, with a slip."""
    code, national = RANDOM.choice(examples)
    at = RANDOM.randrange(len(national))
    tail = RANDOM.randint(1, min(5, len(national)))
    prefix = PhoneMetadata.metadata_for_region(p.region_code_for_country_code(code))
    prefix = (prefix.national_prefix if prefix else None) or "0"
    national = RANDOM.choice((
        national[:-tail] + digits(tail),
        national[:-tail] + digits(tail),
        national[:at] + digits(1) + national[at + 1:],
        national[:at] + national[at + 1:],
        national[:at] + digits(1) + national[at:],
        prefix + national,
    ))
    return f"+{code}{national}"


def nowhere():
    code = RANDOM.choice([code for code in range(200, 1000) if code not in CODES and not any(
        str(code).startswith(str(known)) for known in CODES)])
    return f"+{code}{digits(RANDOM.randint(4, 12))}"


def odd():
    """Where implementations slip: national prefixes, zeros, Belarus' 810, Ofcom's islands."""
    head = RANDOM.choice(("375810", "3758", "441534", "441481", "441624", "4401534", "5411", "54911",
                          "521", "5255", "390", "3906698", "7336", "78", "11", "2250", "24100", "5500",
                          "61891", "354", "800", "979", "88"))
    return f"+{head}{digits(RANDOM.randint(max(7 - len(head), 1), 15 - len(head)))}"


def write(name, about, columns, rows):
    head = [f"# {about}", f"# made by make.py with phonenumbers {p.__version__}, for {CRATE}", columns]
    (HERE / name).write_text("\n".join([*head, *rows]) + "\n")


def main():
    examples = []
    numbers = []
    for data in metadata():
        for name in DESCRIPTIONS:
            description = getattr(data, name)
            if description and description.example_number:
                examples.append((data.country_code, description.example_number))
                numbers.append(f"+{data.country_code}{description.example_number}")
        wrong = data.id != "001" and p.invalid_example_number(data.id)
        if wrong:
            numbers.append(p.format_number(wrong, p.PhoneNumberFormat.E164))
    fits = [number for number in numbers if 7 <= len(number) - 1 <= 15]
    columns = "number,e164,region,calling_code,type,valid,possible"
    write("examples.csv", "every region's example number of every type, and one that is not valid",
          columns, map(row, sorted(set(fits))))
    print(len(numbers) - len(set(fits)), "examples are doubles, or shorter than 7 digits")

    makers = ((anywhere, 8), (lambda: shared(examples), 6), (lambda: near(examples), 4), (nowhere, 1),
              (odd, 1))
    chosen = set()
    while len(chosen) < COUNT:
        make, = RANDOM.choices([make for make, _ in makers], [weight for _, weight in makers])
        number = make()
        if 7 <= len(number) - 1 <= 15 and number[1] != "0":
            chosen.add(number)
    write("random.csv", f"{COUNT} random numbers", columns, map(row, sorted(chosen)))
    write("codes.csv", "calling codes and their regions, the main one first", "calling_code,regions",
          (f"{code},{' '.join(p.COUNTRY_CODE_TO_REGION_CODE[code])}" for code in CODES))


main()
