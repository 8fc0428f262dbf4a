# Home Assistant puts probatio in voluptuous's place when it starts, so this is what
# `import voluptuous as vol` really means here.
from probatio import *
