"""What plates are made of: the series that are issued, or lately were.

Only where letters and digits stand is listed, never which ones. It serves for one thing:
where the reader cannot tell a letter from a digit of the same form, a text that someone
issues is likelier than one that nobody does; see `Policy.series`. A text that is not
listed is still a plate: personal plates, and old ones, are of any form.

The recognizer, which is installed by itself, has the same table in its `formats.py`, with
the sources; a test holds that both are the same.
"""

import re
from typing import Final

_SERIES: Final = """
# Europe
LLDDDLL           Slovakia, Italy, France, Albania, Serbia, Poland, Georgia, Slovenia
DLDDDDD DLLDDDD   Czechia
LLDDLLL           United Kingdom, Romania
LDDDLLL LLLDDDL   older plates of the United Kingdom, Romania (Bucharest)
LLLDDDD           Greece, Northern Ireland, Germany
LLDDDDD           Denmark, Norway, Poland, Switzerland
LLDDDD LLLDDD     Latvia, Luxembourg, Finland, Sweden, Lithuania, Cyprus, Malta, Germany
LLLLDDD           Hungary since 2022, Montenegro, Moldova, Germany, Slovenia
LLLLD LLLLDD LLLLDDDD LLLLLDDD LLLD LLD LLDD LLDDD   Germany
LLDDDL LLLDDL LLLDDDL LLLLDDL LLLLDDDL   Germany, electric and vintage cars
LLLDD             Iceland, Germany
LLDDDDL LLDLDDD LLDLLDD                  Poland
LLLLDDD LLLDDLL LLLDLDD LLLDDLD LLLDLLD  Poland, districts of three letters
LLLLLDD LLLDDDDD LLLDDDDL LLLDDDLL       Poland, districts of three letters
DDDLLL            Estonia, Belgium before 2010
DLLLDDD           Belgium
DDDDLLL           Spain
LDDDDLL LLDDDDLL  Bulgaria, Spain before 2000, Croatia, Ukraine, Serbia, North Macedonia
LLDDDDL LLDDDL    Croatia, Austria
LDDDDL LDDDDDL LDDDLL LDDDDLL LDDLLL     Austria, districts of one letter
LLDDDLL LLDDLLL LLDDLL                   Austria, districts of two letters
LLDDDDDD          Switzerland
DDDLDDDD DDDLDDD DDDLDDDDD DDLDDDD DDLDDDDD DDDLLDDDD DDLLDDDD   Ireland
LLDDLL DDLLDD DDDDLL                     Portugal, Netherlands
LLLLDD DDLLLL DDLLLD DLLLDD LDDDLL LLLDDL LDDLLL DLLDDD DDDLLD LLDDDL   Netherlands
LLLDDD LLLDDL     Sweden
DDDDLLDD DDDLLDD DDDLLLDD                France before 2009
DDLDDDD DDLDDDDD DDLLDDD DDLLDDDD DDLLLDD DDLLLDDD      Turkey, Azerbaijan, Armenia
LDDDLLDD LDDDLLDDD                       Russia
DDDDLLD           Belarus
DDDDDLL           Kosovo
LDDLDDD           Bosnia and Herzegovina
# The Americas
LLLDLDD           Brazil, as the Mercosur has it
LLLDDDD           Brazil, Mexico, Uruguay, Ecuador, Alberta; Texas, New York, Ohio, ...
LLDDDLL           Argentina, Venezuela
LLLDDD DDDLLL     Colombia, older plates of Argentina; many of the states and provinces
DDDDLLL           Bolivia, Kansas
LLLLDD            Chile, Florida, Colorado
LDLDDD            Peru
LLLLDDD           Ontario, Paraguay
LLLDDDL           Mexico
LLDDDL            British Columbia
LDDLLL            Quebec, New Jersey, Mexico City
LLLDDL            Arkansas, New Jersey, Venezuela before 2008
DLLLDDD           California
LDDDDDD DLDDDDD   Idaho, Illinois, Alabama
LDDDDD            Illinois, Nevada
LLDDDDD           Connecticut, Illinois, Mexico
LDDDLL            Florida, Utah
DLLDDDD DDLDDDD   Maryland, Alabama, Idaho
DLLLDD DDDLLD DLLDDD DDLLDD              Massachusetts, Michigan, South Dakota
LLDLDL DLLDDL     Missouri
LLDLDDD           Texas, older
DLDDDD DDLDDD DDDLDD                     Nebraska, Nevada, South Dakota
LDDDDL            Tennessee, older
DDDDDDL           Montana
DDDDLL            Maine, Massachusetts, South Carolina
DDDLL             Indiana, Maine
DDDDD DDDDDD DDDDDDD                     Delaware, Rhode Island, New Hampshire, Wyoming
# Asia, Africa, Oceania
LLLDDL LLDDLL     New South Wales
DLLDLL            Victoria
DDDLLD            Queensland
DLLLDDD           Western Australia
LDDDLLL           South Australia
LDDLL             Tasmania
LLLDDD LLDDDD     New Zealand, Pakistan, Hong Kong, Philippines, Taiwan
LLLDDDD           Philippines, Malaysia, Sri Lanka, Pakistan, Taiwan
LLLDDDDL LLLDDDL  Singapore, Malaysia, Kenya
LDDDDLL LDDDDLLL LLDDDDLL LLDDDDLLL      Indonesia
LLDDLDDDD LLDDLLDDDD LLDLLDDDD LLDLLLDDDD DDLLDDDDLL   India
LDDDDD            China, without the sign of the province
DDLDDDDD          Vietnam
DDDLLLDD          Kazakhstan since 2012
DDLDDDLL          Uzbekistan
DDDDLLL           Saudi Arabia
LLDDLLLL LLDDDDDD LLLDDDL LLLDDDLL       South Africa, Nigeria
DDDDDDD DDDDDDDD  Israel
"""

SHAPES: Final = frozenset(re.findall(r"\b[LD]{3,}\b", _SERIES))
_SHAPE_OF: Final = str.maketrans(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "D" * 10 + "L" * 26
)


def is_issued(text: str) -> bool:
    """Tell whether letters and digits stand where some series has them."""
    return text.translate(_SHAPE_OF) in SHAPES
