"""The external builder for chaincode that runs as a service: three tiny scripts that a peer calls at installation.

A package holds `metadata.json` with the type `jifen-service`, and `connection.json` with the public part of how to
reach the org's own chaincode server. The peer's client key for mutual TLS is not in the package: `release` takes the
full connection file from the org's folder, which the peer names in JIFEN_CHAINCODE_CONNECTIONS, under the package's
label.
"""

from __future__ import annotations

PACKAGE_TYPE = "jifen-service"

DETECT = f"""#!/bin/sh
# detect SOURCE METADATA: 0 when the package is ours.
set -eu
grep -q '"type": *"{PACKAGE_TYPE}"' "$2/metadata.json"
"""

BUILD = """#!/bin/sh
# build SOURCE METADATA OUTPUT: nothing to compile; the label and the connection go on to release.
set -eu
cp "$1/connection.json" "$3/connection.json"
sed -n 's/.*"label": *"\\([A-Za-z0-9_.-]*\\)".*/\\1/p' "$2/metadata.json" > "$3/label"
test -s "$3/label"
"""

RELEASE = """#!/bin/sh
# release BUILD OUTPUT: the connection file that the peer reads, with the org's own client key when it has one.
set -eu
mkdir -p "$2/chaincode/server"
umask 077
own="${JIFEN_CHAINCODE_CONNECTIONS:-}/$(cat "$1/label").json"
if [ -f "$own" ]; then
    cp "$own" "$2/chaincode/server/connection.json"
else
    cp "$1/connection.json" "$2/chaincode/server/connection.json"
fi
"""

SCRIPTS: dict[str, str] = {"detect": DETECT, "build": BUILD, "release": RELEASE}
