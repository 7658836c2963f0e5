# SPDX-License-Identifier: MIT
"""The peer python3-evtx: every record of the files given as XML on standard output."""
import sys

import Evtx.Evtx
import Evtx.Views

for path in sys.argv[1:]:
    with Evtx.Evtx.Evtx(path) as log:
        for record in log.records():
            print(Evtx.Views.evtx_record_xml_view(record))
