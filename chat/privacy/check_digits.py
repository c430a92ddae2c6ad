"""The rules by which an issuer's numbers can be told from other numbers. Each function takes them without separators.

Written out here since they are a few lines each and the library that has them is under the LGPL.
"""

from __future__ import annotations

import re

# Leading digits and lengths of payment cards: ISO/IEC 7812-1 reserves them, the networks publish their own.
CARD_RANGES = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa: 13, 16 or 19
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:30[0-5]\d|309\d|36\d\d|3[89]\d\d)\d{10,15}"  # Diners Club
    r"|35(?:2[89]|[3-8]\d)\d{12,15}|(?:1800|2131)\d{11}"  # JCB, and its older cards
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|(?:62|8[12])\d{14,17}|220[0-4]\d{12,15}"  # UnionPay, RuPay, Mir
    r"|(?:50|5[6-9]|6\d)\d{10,17}"  # Maestro: 12 to 19
    r"|[3-6]\d{15,18}"  # of the lengths that all networks use today: whatever the standard gives to payment
)

# Length of an IBAN by country: the SWIFT registry of ISO 13616.
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1, annex B: every second digit from the right doubled,
    the digits of the products summed, the sum a multiple of ten.
    """
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def is_card(digits: str) -> bool:
    """Whether a network issues such numbers and the check digit is right."""
    return bool(CARD_RANGES.fullmatch(digits)) and luhn(digits)


def mod_97(iban: str) -> bool:
    """Whether the check digits of ISO 13616 (ISO/IEC 7064, MOD 97-10) are right: the first four characters moved to the
    end, letters read as numbers from A = 10 on, the remainder by 97 is 1.
    """
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def is_ssn(digits: str) -> bool:
    """Whether the Social Security Administration gives out such a number: no area 000, 666 or 9xx, no group 00, no
    serial 0000 (SSA, Program Operations Manual RM 10201.035). Since 2011 nothing else tells one from another.
    """
    return digits[:3] not in {"000", "666"} and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"
