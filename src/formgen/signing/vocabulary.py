"""The names that package signatures are made of.

Sources: ECMA-376 Part 2, clause 13; XML-DSig; XAdES 1.3.2; MS-OFFCRYPTO 2.5.
"""

from formgen.opc import RELATIONSHIPS

DS = "http://www.w3.org/2000/09/xmldsig#"
MDSSI = "http://schemas.openxmlformats.org/package/2006/digital-signature"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
OFFICE = "http://schemas.microsoft.com/office/2006/digsig"

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RELATIONSHIP_TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
OBJECT_TYPE = f"{DS}Object"
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ORIGIN_RELATIONSHIP = f"{_PACKAGE}/relationships/digital-signature/origin"
SIGNATURE_RELATIONSHIP = f"{_PACKAGE}/relationships/digital-signature/signature"
CORE_RELATIONSHIP = f"{_PACKAGE}/relationships/metadata/core-properties"
APP_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties"

ORIGIN_TYPE = "application/vnd.openxmlformats-package.digital-signature-origin"
SIGNATURE_TYPE = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"
RELATIONSHIPS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
APP_TYPE = "application/vnd.openxmlformats-officedocument.extended-properties+xml"

ORIGIN = "_xmlsignatures/origin.sigs"
CORE, APP = "docProps/core.xml", "docProps/app.xml"
LEFT_OUT = {CORE: (CORE_RELATIONSHIP, CORE_TYPE), APP: (APP_RELATIONSHIP, APP_TYPE)}
"""The parts that Office leaves out of signatures, by the relationship and content type that make them what they are."""

RELATIONSHIP = f"{RELATIONSHIPS}Relationship"
