"""Holds the stand-in for AWS (aws_account.py) against the service models that the real command line brings along: its
options and which of them are required, the codes with which it refuses, and every answer, in a walk through all its
commands. Ends with 1 and a line for each difference.

    model.py FOLDER     FOLDER is empty and is written to
"""
import glob
import gzip
import json
import os
import re
import sys

FOLDER, HERE = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
MODELS = "/usr/lib/python3/dist-packages/awscli/botocore/data"
os.environ["AWS_STUB"] = FOLDER
sys.path.insert(0, HERE)
import aws_account as stand_in

differences = []
FOLDERS = {"s3api": "s3", "ses": "ses", "sesv2": "sesv2"}
# What the command line adds to the operations' own input, or takes out of it.
EXTRA = {"max-items", "profile"}
NEGATED = {"no-allow-reassociation": "AllowReassociation"}
models = {}


def model(service):
    if service not in models:
        path = sorted(glob.glob(f"{MODELS}/{FOLDERS.get(service, service)}/*/service-2.json*"))[-1]
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            models[service] = json.load(file)
    return models[service]


def kebab(name):
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name.replace("IDs", "Ids").replace("ID", "Id").replace("SSH", "Ssh")
                  .replace("ACL", "Acl").replace("OS", "Os"))
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower().replace("open-idconnect", "open-id-connect")


def operation(words):
    service, verb = words.split()[:2]
    found = [one for name, one in model(service)["operations"].items() if kebab(name) == verb]
    return found[0] if found else None


def check_options(words, declared):
    said = operation(words)
    if said is None:
        differences.append(f"{words}: the real one has no such command")
        return
    shapes = model(words.split()[0])["shapes"]
    shape = shapes[said["input"]["shape"]] if "input" in said else {"members": {}}
    members = {kebab(name): (name, shapes[one["shape"]]["type"]) for name, one in shape["members"].items()}
    for name, marks in declared.items():
        name = kebab(NEGATED[name]) if name in NEGATED else name
        if name in EXTRA:
            continue
        if name not in members:
            differences.append(f"{words}: the real one has no --{name}, but {' '.join(members)}")
        elif ("*" in marks) != (members[name][1] == "list") or ("?" in marks) != (members[name][1] == "boolean"):
            differences.append(f"{words}: --{name} is a {members[name][1]}, not {marks or 'a word'}")
    required = {kebab(name) for name in shape.get("required", [])}
    ours = {name for name, marks in declared.items() if "!" in marks}
    if not ours <= required | {"ssh-public-key", "instance-os-user"} or not required <= ours:
        differences.append(f"{words}: required are {sorted(required)}, not {sorted(ours)}")


def check_codes():
    with open(os.path.join(HERE, "aws_account.py")) as file:
        sections = re.split(r"\n# --- ([A-Za-z0-9 ,']+?) -+\n", file.read())
    for title, text in zip(sections[1::2], sections[2::2]):
        services = {"IAM": ["iam"], "Route 53": ["route53"], "SES": ["ses", "sesv2"]}.get(title)
        if services is None:
            continue
        known = {one.get("error", {}).get("code", name) for service in services
                 for name, one in model(service)["shapes"].items() if one.get("exception")}
        codes = set(re.findall(r'Refused\("([A-Za-z0-9.]+)"', text)) - {"ValidationError"} # which every service has
        differences.extend(f"{title}: refuses with {code}, which it has not" for code in codes - known)


def check_answer(words, shapes, shape, answer, at):
    kind = shapes[shape]
    if kind["type"] == "structure" and isinstance(answer, dict):
        for name, value in answer.items():
            if name not in kind["members"]:
                differences.append(f"{words}: answers with {at}.{name}, the real one with {' '.join(kind['members'])}")
            else:
                check_answer(words, shapes, kind["members"][name]["shape"], value, f"{at}.{name}")
    elif kind["type"] == "list" and isinstance(answer, list):
        for one in answer:
            check_answer(words, shapes, kind["member"]["shape"], one, at + "[]")
    elif kind["type"] == "string" and isinstance(answer, dict):
        if "Document" not in at: # IAM's policies, which the command line reads
            differences.append(f"{words}: {at} is a string")
    elif {"structure": dict, "list": list, "string": str, "boolean": bool}.get(kind["type"], object) not in (object, type(answer)):
        differences.append(f"{words}: {at} is a {kind['type']}, not {answer!r}")


walked = set()


def walk(*words, code=None):
    walked.add(" ".join(words[:2]))
    try:
        answer, _ = stand_in.call(list(words))
        refused = None
    except stand_in.Refused as one:
        answer, refused = None, one.code
    except stand_in.Misused as one:
        differences.append(f"{' '.join(words)}: {one}")
        return
    if refused != code:
        differences.append(f"{' '.join(words)}: refused with {refused}, not {code}")
    said = operation(" ".join(words[:2]))
    if answer is not None and said is not None:
        shapes = model(words[0])["shapes"]
        if "output" not in said:
            differences.append(f"{' '.join(words[:2])}: the real one answers nothing")
        else:
            check_answer(" ".join(words[:2]), shapes, said["output"]["shape"], answer, "")


def walk_through():
    body, policy = os.path.join(FOLDER, "body"), '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", %s}]}'
    with open(body, "w") as file:
        file.write("ssh-ed25519 AAAA\n")
    trust = policy % '"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"'
    own = policy % '"Action": "s3:GetObject", "Resource": "*"'
    stand_in.account, stand_in.region = dict(stand_in.EMPTY), "us-east-1"
    stand_in.call(["stub", "zone", "Z0", "example.org"])
    stand_in.call(["stub", "instance", "i-1"])
    walk("sts", "get-caller-identity")
    walk("ec2", "allocate-address", "--domain", "vpc", "--tag-specifications",
         "ResourceType=elastic-ip,Tags=[{Key=Name,Value=n}]")
    allocation = stand_in.account["addresses"][0]["AllocationId"]
    walk("ec2", "associate-address", "--allocation-id", allocation, "--instance-id", "i-1", "--no-allow-reassociation")
    walk("ec2", "create-tags", "--resources", allocation, "--tags", "Key=Name,Value=m")
    walk("ec2", "describe-addresses", "--filters", "Name=tag:Name,Values=m")
    walk("ec2", "describe-addresses", "--public-ips", "192.0.2.1", code="InvalidAddress.NotFound")
    walk("ec2", "describe-instances", "--instance-ids", "i-1")
    walk("ec2-instance-connect", "send-ssh-public-key", "--instance-id", "i-1", "--instance-os-user", "u",
         "--ssh-public-key", "file://" + body)
    walk("iam", "get-user", "--user-name", "u", code="NoSuchEntity")
    walk("iam", "create-user", "--user-name", "u")
    walk("iam", "create-user", "--user-name", "u", code="EntityAlreadyExists")
    walk("iam", "get-user", "--user-name", "u")
    walk("iam", "tag-user", "--user-name", "u", "--tags", "Key=k,Value=v")
    walk("iam", "list-user-tags", "--user-name", "u")
    walk("iam", "untag-user", "--user-name", "u", "--tag-keys", "k")
    walk("iam", "put-user-policy", "--user-name", "u", "--policy-name", "p", "--policy-document", own)
    walk("iam", "put-user-policy", "--user-name", "u", "--policy-name", "p", "--policy-document", "{}", code="MalformedPolicyDocument")
    walk("iam", "get-user-policy", "--user-name", "u", "--policy-name", "p")
    walk("iam", "list-user-policies", "--user-name", "u")
    walk("iam", "create-access-key", "--user-name", "u")
    walk("iam", "list-access-keys", "--user-name", "u")
    walk("iam", "delete-user", "--user-name", "u", code="DeleteConflict")
    walk("iam", "delete-access-key", "--user-name", "u", "--access-key-id", stand_in.account["users"]["u"]["keys"][0])
    walk("iam", "delete-user-policy", "--user-name", "u", "--policy-name", "p")
    walk("iam", "delete-user", "--user-name", "u")
    walk("iam", "create-role", "--role-name", "r", "--assume-role-policy-document", trust)
    walk("iam", "create-role", "--role-name", "s", "--assume-role-policy-document",
         policy % f'"Principal": {{"AWS": "arn:aws:iam::{stand_in.ACCOUNT_ID}:user/u"}}, "Action": "sts:AssumeRole"',
         code="MalformedPolicyDocument")
    walk("iam", "update-assume-role-policy", "--role-name", "r", "--policy-document", trust)
    walk("iam", "get-role", "--role-name", "r")
    walk("iam", "put-role-policy", "--role-name", "r", "--policy-name", "p", "--policy-document", own)
    walk("iam", "get-role-policy", "--role-name", "r", "--policy-name", "p")
    walk("iam", "list-role-policies", "--role-name", "r")
    walk("iam", "delete-role-policy", "--role-name", "r", "--policy-name", "p")
    walk("iam", "attach-role-policy", "--role-name", "r", "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
    walk("iam", "list-attached-role-policies", "--role-name", "r")
    walk("iam", "detach-role-policy", "--role-name", "r", "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
    walk("iam", "create-instance-profile", "--instance-profile-name", "p")
    walk("iam", "add-role-to-instance-profile", "--instance-profile-name", "p", "--role-name", "r")
    walk("iam", "get-instance-profile", "--instance-profile-name", "p")
    walk("ec2", "associate-iam-instance-profile", "--iam-instance-profile", "Name=p", "--instance-id", "i-1")
    walk("ec2", "describe-iam-instance-profile-associations", "--filters", "Name=instance-id,Values=i-1")
    walk("ec2", "disassociate-iam-instance-profile", "--association-id", "iip-assoc-i-1")
    walk("iam", "delete-role", "--role-name", "r", code="DeleteConflict")
    walk("iam", "remove-role-from-instance-profile", "--instance-profile-name", "p", "--role-name", "r")
    walk("iam", "delete-instance-profile", "--instance-profile-name", "p")
    walk("iam", "delete-role", "--role-name", "r")
    arn = f"arn:aws:iam::{stand_in.ACCOUNT_ID}:oidc-provider/a.example.org"
    walk("iam", "create-open-id-connect-provider", "--url", "https://a.example.org", "--thumbprint-list", "0" * 64,
         code="ValidationError")
    walk("iam", "create-open-id-connect-provider", "--url", "https://a.example.org", "--thumbprint-list", "0" * 40)
    walk("iam", "list-open-id-connect-providers")
    walk("iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", arn)
    walk("iam", "update-open-id-connect-provider-thumbprint", "--open-id-connect-provider-arn", arn, "--thumbprint-list", "1" * 40)
    walk("iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn", arn)
    walk("s3api", "head-bucket", "--bucket", "b", code="404")
    walk("s3api", "create-bucket", "--bucket", "b")
    walk("s3api", "head-bucket", "--bucket", "b")
    walk("s3api", "get-public-access-block", "--bucket", "b", code="NoSuchPublicAccessBlockConfiguration")
    walk("s3api", "put-public-access-block", "--bucket", "b", "--public-access-block-configuration", '{"BlockPublicPolicy": true}')
    walk("s3api", "get-public-access-block", "--bucket", "b")
    walk("s3api", "put-bucket-policy", "--bucket", "b", "--policy",
         policy % '"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"', code="AccessDenied")
    walk("s3api", "put-bucket-policy", "--bucket", "b", "--policy",
         policy % '"Principal": {"Service": "ses.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"')
    walk("s3api", "get-bucket-policy", "--bucket", "b")
    walk("s3api", "put-bucket-lifecycle-configuration", "--bucket", "b", "--lifecycle-configuration",
         '{"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}}]}')
    walk("s3api", "get-bucket-lifecycle-configuration", "--bucket", "b")
    walk("s3api", "put-object", "--bucket", "b", "--key", "k", "--body", body)
    walk("s3api", "list-objects-v2", "--bucket", "b")
    walk("s3api", "put-object-tagging", "--bucket", "b", "--key", "k", "--tagging", '{"TagSet": [{"Key": "k", "Value": "v"}]}')
    walk("s3api", "get-object-tagging", "--bucket", "b", "--key", "k")
    walk("s3api", "delete-bucket", "--bucket", "b", code="BucketNotEmpty")
    walk("route53", "get-hosted-zone", "--id", "Z0")
    walk("route53", "change-resource-record-sets", "--hosted-zone-id", "Z0", "--change-batch",
         '{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "d.example.org", "Type": "MX", "TTL": 300,'
         ' "ResourceRecords": [{"Value": "10 a"}]}}]}')
    walk("route53", "list-resource-record-sets", "--hosted-zone-id", "Z0")
    walk("sesv2", "create-email-identity", "--email-identity", "d.example.org", "--dkim-signing-attributes",
         "NextSigningKeyLength=RSA_2048_BIT")
    walk("sesv2", "get-email-identity", "--email-identity", "d.example.org")
    walk("ses", "create-receipt-rule-set", "--rule-set-name", "s")
    rule = ('{"Name": "r", "Enabled": true, "TlsPolicy": "Optional", "ScanEnabled": true, "Recipients": ["d.example.org"],'
            ' "Actions": [{"S3Action": {"BucketName": "b", "ObjectKeyPrefix": "inbound/"}}]}')
    walk("ses", "create-receipt-rule", "--rule-set-name", "s", "--rule", rule)
    walk("ses", "update-receipt-rule", "--rule-set-name", "s", "--rule", rule)
    walk("ses", "describe-active-receipt-rule-set")
    walk("ses", "set-active-receipt-rule-set", "--rule-set-name", "s")
    walk("ses", "describe-active-receipt-rule-set")
    walk("ses", "describe-receipt-rule-set", "--rule-set-name", "s")
    walk("ses", "describe-receipt-rule-set", "--rule-set-name", "t", code="RuleSetDoesNotExist")
    walk("sesv2", "create-email-identity", "--email-identity", "n@d.example.org")
    if len(stand_in.account["buckets"]["b"]["objects"]) != 3:
        differences.append("no mail of Amazon's came")
    walk("sesv2", "delete-email-identity", "--email-identity", "n@d.example.org")
    walk("sesv2", "get-email-identity", "--email-identity", "n@d.example.org", code="NotFoundException")
    walk("ses", "delete-receipt-rule", "--rule-set-name", "s", "--rule-name", "r")
    stand_in.call(["s3", "rm", "s3://b", "--recursive", "--quiet"])
    walk("s3api", "delete-bucket", "--bucket", "b")


for words, (_, declared, _) in stand_in.COMMANDS.items():
    check_options(words, declared)
check_codes()
walk_through()
differences.extend(f"{words}: not walked through" for words in set(stand_in.COMMANDS) - walked)
print("\n".join(differences) or f"{len(walked)} commands, as the real command line has them")
sys.exit(1 if differences else 0)
