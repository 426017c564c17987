"""Asks LibreOffice what it thinks of the signatures in documents. Run by the system's Python, which has UNO.

``python3 asking_libreoffice.py PROFILE FILE…`` prints a JSON object: for each file, its signatures in order.
The environment's MOZILLA_CERTIFICATE_FOLDER names the NSS database with the authorities that are trusted.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.security.CertificateValidity import VALID

READ = 1


def started(profile: str, pipe: str) -> subprocess.Popen:
    return subprocess.Popen(
        [
            "soffice",
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            "--norestore",
            "--nodefault",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def connected(pipe: str):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    raise SystemExit("LibreOffice does not answer")


def signatures(context, file: str) -> list:
    manager = context.ServiceManager
    storages = manager.createInstanceWithContext("com.sun.star.embed.StorageFactory", context)
    # Asked for "OFOPXMLFormat", LibreOffice finds no signature in any document.
    format_ = PropertyValue(Name="StorageFormat", Value="ZipFormat")
    described = uno.Any("[]com.sun.star.beans.PropertyValue", (format_,))
    storage = uno.invoke(storages, "createInstanceWithArguments", ((Path(file).as_uri(), READ, described),))
    asked = manager.createInstanceWithArgumentsAndContext(
        "com.sun.star.security.DocumentDigitalSignatures", ("1.2", True), context
    )
    return [
        {
            "valid": bool(found.SignatureIsValid),
            "trusted": found.CertificateStatus == VALID,
            "signer": found.Signer.SubjectName,
        }
        for found in asked.verifyDocumentContentSignatures(storage, None)
    ]


def main(profile: str, files: list) -> None:
    pipe = f"formgen-{uuid4().hex}"
    office = started(profile, pipe)
    try:
        context = connected(pipe)
        print(json.dumps({file: signatures(context, file) for file in files}, ensure_ascii=False))
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        desktop.terminate()
        office.wait(60)
    finally:
        office.kill()


main(sys.argv[1], sys.argv[2:])
