"""A stand-in for the AWS command line (stand-in/aws) and the account behind it, for the tests of the cloud's scripts: keeps an
account in a file, answers as AWS does, and refuses what AWS refuses. tests/cloud/model.py holds its options, codes and
answers against the service models that the real command line brings along.

The folder AWS_STUB has
    account.json    the account: users, roles, buckets, records …; changed under a lock, replaced in one step
    calls           a line for each call, JSON left out; what changes the account begins with "! "
    fail            "SERVICE COMMAND CODE WORDS": the next such call is refused with this code, once
    slow            N: the next N policies that name a principal are refused, as while IAM's news spread
    kill-after      N: when the Nth change from now on is in the account, the caller's process group is killed
and the tests' own commands are
    aws stub zone ID NAME | instance ID | caller ARN_END | address IP ALLOCATION [--instance-id ID] [--tag NAME]
    aws stub open-link URL      somebody opens the link in Amazon's mail
"""
import fcntl
import json
import os
import sys
import time

FOLDER = os.environ["AWS_STUB"]
ACCOUNT_ID = "111122223333"
EMPTY = {"id": ACCOUNT_ID, "caller": "user/agentkeys-admin", "counter": 0, "zones": {}, "records": {}, "instances": {},
         "addresses": [], "users": {}, "roles": {}, "profiles": {}, "providers": {}, "buckets": {}, "identities": {},
         "rule_sets": {}, "active_rule_set": None}


class Refused(Exception):
    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


class Misused(Exception):
    """A command line that the real program would not send."""


def path(name):
    return os.path.join(FOLDER, name)


# --- Commands ---------------------------------------------------------------------------------------------------------

COMMANDS = {}


def command(words, options="", changes=False):
    """Declares a command: "service verb", and its options; those that end with ! are required, with * take several
    words, with ? none."""
    def declare(function):
        COMMANDS[words] = (function, {one.rstrip("!*?"): one[len(one.rstrip("!*?")):] for one in options.split()}, changes)
        return function
    return declare


def read_options(words, declared):
    given, at = {}, 0
    while at < len(words):
        name = words[at][2:]
        if not words[at].startswith("--") or name not in declared:
            raise Misused(f"Unknown options: {words[at]}")
        at += 1
        values = []
        while at < len(words) and not words[at].startswith("--"):
            values.append(words[at])
            at += 1
        marks = declared[name]
        if "?" in marks:
            expected = 0
        elif "*" in marks:
            expected = max(len(values), 1)
        else:
            expected = 1
        if len(values) != expected:
            raise Misused(f"argument --{name}: expected {expected} words, got {len(values)}")
        given[name] = values if "*" in marks else values[0] if values else True
    missing = [name for name, marks in declared.items() if "!" in marks and name not in given]
    if missing:
        raise Misused(f"the following arguments are required: {', '.join('--' + name for name in missing)}")
    return given


def shorthand(text):
    """A structure of the command line: JSON, or Key=value,Key=[{Key=value}] where no value has commas."""
    if text[:1] in "{[":
        return json.loads(text)
    result, at = {}, 0
    while at < len(text):
        name, _, rest = text[at:].partition("=")
        at += len(name) + 1
        if rest.startswith("["):
            inner = rest[1:rest.index("]")]
            result[name] = [shorthand(one) for one in inner.strip("{}").split("},{")]
            at += len(inner) + 3
        else:
            value = rest.split(",")[0]
            result[name] = value
            at += len(value) + 1
    return result


def number():
    account["counter"] += 1
    return account["counter"]


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())


def filters(given):
    """[("tag:Name", ["x"])] of --filters Name=tag:Name,Values=x"""
    return [(one.split(",Values=")[0][len("Name="):], one.split(",Values=")[1].split(",")) for one in given.get("filters", [])]


# --- Policies ---------------------------------------------------------------------------------------------------------

def elements(value):
    return value if isinstance(value, list) else [value]


def policy_of(text, code, trust=False):
    """A policy document, refused where AWS refuses it: syntax, unknown elements, principals that are not there."""
    try:
        document = json.loads(text)
        statements = elements(document["Statement"])
        for one in statements:
            if set(one) - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"} or one["Effect"] not in ("Allow", "Deny"):
                raise ValueError
            if not elements(one["Action"]) or ("Resource" in one) == trust:
                raise ValueError
            for operator, tests in one.get("Condition", {}).items():
                if operator not in ("StringEquals", "StringLike", "Null") or not isinstance(tests, dict):
                    raise ValueError
        sids = [one["Sid"] for one in statements if "Sid" in one]
        if document["Version"] != "2012-10-17" or len(set(sids)) < len(sids):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise Refused(code, "The policy is not in the valid JSON format.") from None
    for one in statements:
        principal = one.get("Principal")
        for kind, names in (principal.items() if isinstance(principal, dict) else ()):
            for name in elements(names):
                if kind in ("AWS", "Federated"):
                    known_principal(kind, name, code)
    return document


def known_principal(kind, name, code):
    refused = Refused(code, f'Invalid principal in policy: "{kind}":"{name}"')
    if os.path.exists(path("slow")):
        with open(path("slow")) as file:
            left = int(file.read())
        if left > 0:
            with open(path("slow"), "w") as file:
                file.write(str(left - 1))
            raise refused
    prefix = f"arn:aws:iam::{ACCOUNT_ID}:"
    kinds = {"AWS": {"user": "users", "role": "roles"}, "Federated": {"oidc-provider": "providers"}}[kind]
    what, _, rest = name[len(prefix):].partition("/")
    if not name.startswith(prefix) or what not in kinds:
        raise refused
    if (name if what == "oidc-provider" else rest) not in account[kinds[what]]:
        raise refused


# --- STS, EC2 ---------------------------------------------------------------------------------------------------------

@command("sts get-caller-identity")
def get_caller_identity(_):
    return {"UserId": "AIDASTUB", "Account": account["id"], "Arn": f"arn:aws:iam::{account['id']}:{account['caller']}"}


def instance_of(identity):
    if identity not in account["instances"]:
        raise Refused("InvalidInstanceID.NotFound", f"The instance ID '{identity}' does not exist")
    return account["instances"][identity]


@command("ec2 describe-instances", "instance-ids*")
def describe_instances(given):
    wanted = given.get("instance-ids", list(account["instances"]))
    return {"Reservations": [{"Instances": [{"InstanceId": one, "State": {"Name": instance_of(one)["state"]}}]} for one in wanted]}


@command("ec2 describe-addresses", "filters* public-ips*")
def describe_addresses(given):
    found = account["addresses"]
    for ip in given.get("public-ips", []):
        if all(one["PublicIp"] != ip for one in found):
            raise Refused("InvalidAddress.NotFound", f"Address '{ip}' not found.")
    if "public-ips" in given:
        found = [one for one in found if one["PublicIp"] in given["public-ips"]]
    for name, values in filters(given):
        if name == "instance-id":
            found = [one for one in found if one.get("InstanceId") in values]
        elif name.startswith("tag:"):
            found = [one for one in found if any(tag["Key"] == name[4:] and tag["Value"] in values for tag in one["Tags"])]
        else:
            raise Refused("InvalidParameterValue", f"The filter '{name}' is invalid")
    return {"Addresses": found}


@command("ec2 allocate-address", "domain tag-specifications*", changes=True)
def allocate_address(given):
    tags = []
    for one in map(shorthand, given.get("tag-specifications", [])):
        if one["ResourceType"] != "elastic-ip":
            raise Refused("InvalidParameterValue", f"'{one['ResourceType']}' is not a valid taggable resource type")
        tags += one["Tags"]
    serial = number()
    address = {"PublicIp": f"203.0.113.{serial}", "AllocationId": f"eipalloc-{serial:017x}", "Domain": "vpc", "Tags": tags}
    account["addresses"].append(address)
    return {"PublicIp": address["PublicIp"], "AllocationId": address["AllocationId"], "Domain": "vpc"}


@command("ec2 associate-address", "allocation-id instance-id no-allow-reassociation?", changes=True)
def associate_address(given):
    instance_of(given["instance-id"])
    for one in account["addresses"]:
        if one["AllocationId"] == given["allocation-id"]:
            if "InstanceId" in one and "no-allow-reassociation" in given:
                raise Refused("Resource.AlreadyAssociated", f"resource {one['AllocationId']} is already associated")
            one["InstanceId"], one["AssociationId"] = given["instance-id"], f"eipassoc-{number():017x}"
            return {"AssociationId": one["AssociationId"]}
    raise Refused("InvalidAllocationID.NotFound", f"The allocation ID '{given['allocation-id']}' does not exist")


@command("ec2 create-tags", "resources!* tags!*", changes=True)
def create_tags(given):
    for resource in given["resources"]:
        found = [one for one in account["addresses"] if one["AllocationId"] == resource]
        if not found:
            raise Refused("InvalidID", f"The ID '{resource}' is not valid")
        for tag in map(shorthand, given["tags"]):
            found[0]["Tags"] = [one for one in found[0]["Tags"] if one["Key"] != tag["Key"]] + [tag]


@command("ec2 describe-iam-instance-profile-associations", "filters*")
def describe_profile_associations(given):
    wanted = [value for name, values in filters(given) if name == "instance-id" for value in values]
    return {"IamInstanceProfileAssociations": [
        {"AssociationId": "iip-assoc-" + identity, "InstanceId": identity, "State": "associated",
         "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/{one['profile']}", "Id": "AIPASTUB"}}
        for identity, one in account["instances"].items() if identity in wanted and "profile" in one]}


@command("ec2 associate-iam-instance-profile", "iam-instance-profile! instance-id!", changes=True)
def associate_profile(given):
    instance, name = instance_of(given["instance-id"]), shorthand(given["iam-instance-profile"])["Name"]
    if name not in account["profiles"]:
        raise Refused("InvalidParameterValue", f"Value ({name}) for parameter iamInstanceProfile.name is invalid.")
    if "profile" in instance:
        raise Refused("IncorrectState", f"There is an existing association for instance {given['instance-id']}")
    instance["profile"] = name


@command("ec2 disassociate-iam-instance-profile", "association-id!", changes=True)
def disassociate_profile(given):
    identity = given["association-id"][len("iip-assoc-"):]
    if "profile" not in account["instances"].get(identity, {}):
        raise Refused("InvalidAssociationID.NotFound", f"An invalid association-id of '{given['association-id']}' was given")
    del account["instances"][identity]["profile"]


@command("ec2-instance-connect send-ssh-public-key", "instance-id! instance-os-user! ssh-public-key! profile", changes=True)
def send_ssh_public_key(given):
    if given["instance-id"] not in account["instances"]:
        raise Refused("EC2InstanceNotFoundException", "Ec2 instance not found.")
    with open(given["ssh-public-key"][len("file://"):]) as file:
        account["instances"][given["instance-id"]]["ssh"] = {given["instance-os-user"]: " ".join(file.read().split()[:2])}
    return {"RequestId": "stub", "Success": True}


# --- IAM --------------------------------------------------------------------------------------------------------------

def there(kind, name, words):
    """users, roles or profiles by name"""
    if name not in account[kind]:
        raise Refused("NoSuchEntity", f"The {words} with name {name} cannot be found.")
    return account[kind][name]


def user_of(given):
    return there("users", given["user-name"], "user")


def role_of(given):
    return there("roles", given["role-name"], "role")


def profile_of(given):
    return there("profiles", given["instance-profile-name"], "instance profile")


def new(kind, name, value):
    if name in account[kind]:
        raise Refused("EntityAlreadyExists", f"{kind[:-1].capitalize()} with name {name} already exists.")
    account[kind][name] = value


def principal(kind, name):
    return {f"{kind}Name": name, "Path": "/", f"{kind}Id": "STUB", "Arn": f"arn:aws:iam::{ACCOUNT_ID}:{kind.lower()}/{name}",
            "CreateDate": now()}


@command("iam get-user", "user-name")
def get_user(given):
    user_of(given)
    return {"User": principal("User", given["user-name"])}


@command("iam create-user", "user-name!", changes=True)
def create_user(given):
    new("users", given["user-name"], {"keys": [], "policies": {}, "tags": {}})
    return {"User": principal("User", given["user-name"])}


@command("iam delete-user", "user-name!", changes=True)
def delete_user(given):
    if user_of(given)["keys"] or user_of(given)["policies"]:
        raise Refused("DeleteConflict", "Cannot delete entity, must delete its keys and policies first.")
    del account["users"][given["user-name"]]


@command("iam list-user-tags", "user-name!")
def list_user_tags(given):
    return {"Tags": [{"Key": key, "Value": value} for key, value in user_of(given)["tags"].items()], "IsTruncated": False}


@command("iam tag-user", "user-name! tags!*", changes=True)
def tag_user(given):
    for tag in map(shorthand, given["tags"]):
        user_of(given)["tags"][tag["Key"]] = tag["Value"]


@command("iam untag-user", "user-name! tag-keys!*", changes=True)
def untag_user(given):
    for key in given["tag-keys"]:
        user_of(given)["tags"].pop(key, None)


@command("iam list-access-keys", "user-name")
def list_access_keys(given):
    return {"AccessKeyMetadata": [{"UserName": given["user-name"], "AccessKeyId": key, "Status": "Active"}
                                  for key in user_of(given)["keys"]], "IsTruncated": False}


@command("iam create-access-key", "user-name", changes=True)
def create_access_key(given):
    keys = user_of(given)["keys"]
    if len(keys) >= 2:
        raise Refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    key = f"AKIASTUB{number():012}"
    keys.append(key)
    # The secret is said this once and stands in no file.
    return {"AccessKey": {"UserName": given["user-name"], "AccessKeyId": key, "Status": "Active",
                          "SecretAccessKey": "stub-secret-of-" + key, "CreateDate": now()}}


@command("iam delete-access-key", "user-name access-key-id!", changes=True)
def delete_access_key(given):
    if given["access-key-id"] not in user_of(given)["keys"]:
        raise Refused("NoSuchEntity", f"The Access Key with id {given['access-key-id']} cannot be found.")
    user_of(given)["keys"].remove(given["access-key-id"])


def inline_policies(kind, find):
    """The four commands of a principal's inline policies."""
    def policy_there(given):
        policies = find(given)["policies"]
        if given["policy-name"] not in policies:
            raise Refused("NoSuchEntity", f"The {kind} policy with name {given['policy-name']} cannot be found.")
        return policies

    @command(f"iam list-{kind}-policies", f"{kind}-name!")
    def list_policies(given):
        return {"PolicyNames": list(find(given)["policies"]), "IsTruncated": False}

    @command(f"iam get-{kind}-policy", f"{kind}-name! policy-name!")
    def get_policy(given):
        return {f"{kind.capitalize()}Name": given[f"{kind}-name"], "PolicyName": given["policy-name"],
                "PolicyDocument": policy_there(given)[given["policy-name"]]}

    @command(f"iam put-{kind}-policy", f"{kind}-name! policy-name! policy-document!", changes=True)
    def put_policy(given):
        find(given)["policies"][given["policy-name"]] = policy_of(given["policy-document"], "MalformedPolicyDocument")

    @command(f"iam delete-{kind}-policy", f"{kind}-name! policy-name!", changes=True)
    def delete_policy(given):
        del policy_there(given)[given["policy-name"]]


inline_policies("user", user_of)
inline_policies("role", role_of)


def role_said(name):
    return {**principal("Role", name), "AssumeRolePolicyDocument": account["roles"][name]["trust"]}


@command("iam get-role", "role-name!")
def get_role(given):
    role_of(given)
    return {"Role": role_said(given["role-name"])}


@command("iam create-role", "role-name! assume-role-policy-document!", changes=True)
def create_role(given):
    trust = policy_of(given["assume-role-policy-document"], "MalformedPolicyDocument", trust=True)
    new("roles", given["role-name"], {"trust": trust, "policies": {}, "attached": []})
    return {"Role": role_said(given["role-name"])}


@command("iam update-assume-role-policy", "role-name! policy-document!", changes=True)
def update_assume_role_policy(given):
    role_of(given)["trust"] = policy_of(given["policy-document"], "MalformedPolicyDocument", trust=True)


@command("iam delete-role", "role-name!", changes=True)
def delete_role(given):
    role = role_of(given)
    if role["policies"] or role["attached"] or any(given["role-name"] in one["roles"] for one in account["profiles"].values()):
        raise Refused("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    del account["roles"][given["role-name"]]


@command("iam list-attached-role-policies", "role-name!")
def list_attached(given):
    return {"AttachedPolicies": [{"PolicyName": arn.split("/")[-1], "PolicyArn": arn} for arn in role_of(given)["attached"]],
            "IsTruncated": False}


@command("iam attach-role-policy", "role-name! policy-arn!", changes=True)
def attach(given):
    if given["policy-arn"] not in role_of(given)["attached"]:
        role_of(given)["attached"].append(given["policy-arn"])


@command("iam detach-role-policy", "role-name! policy-arn!", changes=True)
def detach(given):
    if given["policy-arn"] not in role_of(given)["attached"]:
        raise Refused("NoSuchEntity", f"Policy {given['policy-arn']} was not found.")
    role_of(given)["attached"].remove(given["policy-arn"])


def profile_said(name):
    return {"InstanceProfile": {**principal("InstanceProfile", name), "Arn": f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/{name}",
                                "Roles": [role_said(role) for role in account["profiles"][name]["roles"]]}}


@command("iam get-instance-profile", "instance-profile-name!")
def get_profile(given):
    profile_of(given)
    return profile_said(given["instance-profile-name"])


@command("iam create-instance-profile", "instance-profile-name!", changes=True)
def create_profile(given):
    new("profiles", given["instance-profile-name"], {"roles": []})
    return profile_said(given["instance-profile-name"])


@command("iam add-role-to-instance-profile", "instance-profile-name! role-name!", changes=True)
def add_role_to_profile(given):
    role_of(given)
    if profile_of(given)["roles"]:
        raise Refused("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    profile_of(given)["roles"].append(given["role-name"])


@command("iam remove-role-from-instance-profile", "instance-profile-name! role-name!", changes=True)
def remove_role_from_profile(given):
    if given["role-name"] not in profile_of(given)["roles"]:
        raise Refused("NoSuchEntity", f"The role with name {given['role-name']} cannot be found.")
    profile_of(given)["roles"].remove(given["role-name"])


@command("iam delete-instance-profile", "instance-profile-name!", changes=True)
def delete_profile(given):
    if profile_of(given)["roles"]:
        raise Refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    del account["profiles"][given["instance-profile-name"]]


def provider_of(given):
    arn = given["open-id-connect-provider-arn"]
    if arn not in account["providers"]:
        raise Refused("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}")
    return account["providers"][arn]


def thumbprints(given):
    for one in given["thumbprint-list"]:
        if len(one) != 40 or one.strip("0123456789abcdefABCDEF"):
            raise Refused("ValidationError", f"Thumbprint {one} must be 40 hexadecimal digits (SHA-1)")
    return given["thumbprint-list"]


@command("iam list-open-id-connect-providers")
def list_providers(_):
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in account["providers"]]}


@command("iam get-open-id-connect-provider", "open-id-connect-provider-arn!")
def get_provider(given):
    return provider_of(given)


@command("iam create-open-id-connect-provider", "url! client-id-list* thumbprint-list!*", changes=True)
def create_provider(given):
    if not given["url"].startswith("https://"):
        raise Refused("InvalidInput", "Invalid Open ID Connect Provider URL")
    host = given["url"][len("https://"):]
    arn = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{host}"
    if arn in account["providers"]:
        raise Refused("EntityAlreadyExists", f"Provider with url {given['url']} already exists.")
    account["providers"][arn] = {"Url": host, "ClientIDList": given.get("client-id-list", []),
                                 "ThumbprintList": thumbprints(given), "CreateDate": now(), "Tags": []}
    return {"OpenIDConnectProviderArn": arn}


@command("iam update-open-id-connect-provider-thumbprint", "open-id-connect-provider-arn! thumbprint-list!*", changes=True)
def update_thumbprint(given):
    provider_of(given)["ThumbprintList"] = thumbprints(given)


@command("iam delete-open-id-connect-provider", "open-id-connect-provider-arn!", changes=True)
def delete_provider(given):
    provider_of(given)
    del account["providers"][given["open-id-connect-provider-arn"]]


# --- S3 ---------------------------------------------------------------------------------------------------------------

def bucket_of(given):
    bucket = account["buckets"].get(given["bucket"])
    if bucket is None:
        raise Refused("NoSuchBucket", "The specified bucket does not exist")
    if bucket.get("foreign"):
        raise Refused("AccessDenied", "Access Denied")
    return bucket


@command("s3api head-bucket", "bucket!")
def head_bucket(given):
    try:
        bucket = bucket_of(given)
    except Refused as refused:
        raise (Refused("404", "Not Found") if refused.code == "NoSuchBucket" else Refused("403", "Forbidden")) from None
    if bucket["region"] != region:
        raise Refused("301", "Moved Permanently")


@command("s3api create-bucket", "bucket! create-bucket-configuration", changes=True)
def create_bucket(given):
    location = shorthand(given.get("create-bucket-configuration", "{}")).get("LocationConstraint", "us-east-1")
    if location != region or ("create-bucket-configuration" in given and location == "us-east-1"):
        raise Refused("IllegalLocationConstraintException", f"The {location} location constraint is incompatible")
    taken = account["buckets"].get(given["bucket"])
    if taken is not None and not (region == "us-east-1" and not taken.get("foreign")):
        raise Refused("BucketAlreadyExists" if taken.get("foreign") else "BucketAlreadyOwnedByYou", "The bucket exists already")
    if taken is None:
        account["buckets"][given["bucket"]] = {"region": region, "objects": {}}
    return {"Location": "/" + given["bucket"]}


@command("s3api delete-bucket", "bucket!", changes=True)
def delete_bucket(given):
    if bucket_of(given)["objects"]:
        raise Refused("BucketNotEmpty", "The bucket you tried to delete is not empty")
    del account["buckets"][given["bucket"]]


@command("s3api get-public-access-block", "bucket!")
def get_public_access_block(given):
    if "closed" not in bucket_of(given):
        raise Refused("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
    return {"PublicAccessBlockConfiguration": bucket_of(given)["closed"]}


@command("s3api put-public-access-block", "bucket! public-access-block-configuration!", changes=True)
def put_public_access_block(given):
    bucket_of(given)["closed"] = shorthand(given["public-access-block-configuration"])


@command("s3api get-bucket-policy", "bucket!")
def get_bucket_policy(given):
    if "policy" not in bucket_of(given):
        raise Refused("NoSuchBucketPolicy", "The bucket policy does not exist")
    return {"Policy": bucket_of(given)["policy"]}


@command("s3api put-bucket-policy", "bucket! policy!", changes=True)
def put_bucket_policy(given):
    bucket, arn = bucket_of(given), "arn:aws:s3:::" + given["bucket"]
    for one in elements(policy_of(given["policy"], "MalformedPolicy")["Statement"]):
        if one["Principal"] in ("*", {"AWS": "*"}) and bucket.get("closed", {}).get("BlockPublicPolicy"):
            raise Refused("AccessDenied", "public policies are blocked by the BlockPublicPolicy block public access setting")
        for resource in elements(one["Resource"]):
            if resource != arn and not resource.startswith(arn + "/"):
                raise Refused("MalformedPolicy", "Policy has invalid resource")
    bucket["policy"] = given["policy"]


@command("s3api get-bucket-lifecycle-configuration", "bucket!")
def get_lifecycle(given):
    if "lifecycle" not in bucket_of(given):
        raise Refused("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
    return {"Rules": bucket_of(given)["lifecycle"]}


@command("s3api put-bucket-lifecycle-configuration", "bucket! lifecycle-configuration", changes=True)
def put_lifecycle(given):
    bucket_of(given)["lifecycle"] = shorthand(given["lifecycle-configuration"])["Rules"]


@command("s3api list-objects-v2", "bucket! prefix max-items")
def list_objects(given):
    found = [{"Key": key, "LastModified": one["at"], "Size": len(one["body"].encode()), "StorageClass": "STANDARD"}
             for key, one in sorted(bucket_of(given)["objects"].items()) if key.startswith(given.get("prefix", ""))]
    return {"Contents": found[:int(given.get("max-items", 1000))]} if found else None


@command("s3api put-object", "bucket! key! body content-type cache-control", changes=True)
def put_object(given):
    with open(given["body"], encoding="utf-8", newline="") as file:
        bucket_of(given)["objects"][given["key"]] = {"at": now(), "body": file.read()}
    return {"ETag": '"stub"'}


def object_of(given):
    bucket = bucket_of(given)
    if given["key"] not in bucket["objects"]:
        raise Refused("NoSuchKey", "The specified key does not exist.")
    return bucket["objects"][given["key"]]


@command("s3api get-object-tagging", "bucket! key!")
def get_object_tagging(given):
    return {"TagSet": object_of(given).get("tags", [])}


@command("s3api put-object-tagging", "bucket! key! tagging!", changes=True)
def put_object_tagging(given):
    tags = shorthand(given["tagging"])["TagSet"]
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-=._:/@")
    if len(tags) > 10 or any(set(one["Key"] + one["Value"]) - allowed or len(one["Key"]) > 128 for one in tags):
        raise Refused("InvalidTag", "The TagKey or TagValue you have provided is invalid")
    object_of(given)["tags"] = tags


def s3(words):
    """aws s3 cp s3://BUCKET/KEY -, and aws s3 rm s3://BUCKET --recursive --quiet"""
    bucket, _, key = words[1][len("s3://"):].partition("/")
    if words[0] == "cp" and words[2:] == ["-"]:
        sys.stdout.buffer.write(object_of({"bucket": bucket, "key": key})["body"].encode())
    elif words[0] == "rm" and sorted(words[2:]) == ["--quiet", "--recursive"]:
        bucket_of({"bucket": bucket})["objects"] = {}
    else:
        raise Misused("Unknown options: " + " ".join(words))


# --- Route 53 ---------------------------------------------------------------------------------------------------------

def zone_of(identity):
    if identity not in account["zones"]:
        raise Refused("NoSuchHostedZone", f"No hosted zone found with ID: {identity}")
    return account["zones"][identity]


@command("route53 get-hosted-zone", "id!")
def get_hosted_zone(given):
    return {"HostedZone": {"Id": "/hostedzone/" + given["id"], "Name": zone_of(given["id"]) + ".",
                           "Config": {"PrivateZone": False}, "CallerReference": "stub"}}


@command("route53 list-resource-record-sets", "hosted-zone-id!")
def list_records(given):
    name = zone_of(given["hosted-zone-id"])
    own = {"Name": name + ".", "Type": "NS", "TTL": 172800, "ResourceRecords": [{"Value": "ns-1.awsdns-01.org."}]}
    return {"ResourceRecordSets": [own] + [one for _, one in sorted(account["records"].items()) if one["Name"].endswith(name + ".")]}


@command("route53 change-resource-record-sets", "hosted-zone-id! change-batch!", changes=True)
def change_records(given):
    name, changed = zone_of(given["hosted-zone-id"]), dict(account["records"])
    for one in json.loads(given["change-batch"])["Changes"]:
        record = {**one["ResourceRecordSet"], "Name": one["ResourceRecordSet"]["Name"].rstrip(".") + "."}
        values = [value["Value"] for value in record["ResourceRecords"]]
        if (one["Action"] not in ("CREATE", "UPSERT") or not ("." + record["Name"]).endswith(f".{name}.") or not values
                or (record["Type"] == "TXT" and any(not value.startswith('"') or not value.endswith('"') for value in values))):
            raise Refused("InvalidChangeBatch", f"[Tried to change {record['Name']} {record['Type']}, which is not valid]")
        changed[f"{record['Name']} {record['Type']}"] = record
    account["records"] = changed
    return {"ChangeInfo": {"Id": "/change/STUB", "Status": "PENDING", "SubmittedAt": now()}}


# --- SES --------------------------------------------------------------------------------------------------------------

def identity_of(given):
    name = given["email-identity"]
    if name not in account["identities"]:
        raise Refused("NotFoundException", f"Email identity {name} does not exist.")
    return account["identities"][name]


@command("sesv2 get-email-identity", "email-identity!")
def get_identity(given):
    return identity_of(given)


@command("sesv2 create-email-identity", "email-identity! dkim-signing-attributes", changes=True)
def create_identity(given):
    name = given["email-identity"]
    if name in account["identities"]:
        raise Refused("AlreadyExistsException", f"Email identity {name} already exist.")
    if "@" in name:
        account["identities"][name] = {"IdentityType": "EMAIL_ADDRESS", "VerifiedForSendingStatus": False}
        ask_for_confirmation(name)
    else:
        token = name.replace(".", "").replace("-", "")
        attributes = shorthand(given.get("dkim-signing-attributes", "{}"))
        account["identities"][name] = {
            "IdentityType": "DOMAIN", "VerifiedForSendingStatus": False,
            "DkimAttributes": {"SigningEnabled": True, "Status": "PENDING", "SigningAttributesOrigin": "AWS_SES",
                               "Tokens": [token + end for end in "abc"], **attributes}}
    return account["identities"][name]


@command("sesv2 delete-email-identity", "email-identity!", changes=True)
def delete_identity(given):
    identity_of(given)
    del account["identities"][given["email-identity"]]


def ask_for_confirmation(sender):
    """Amazon's mail to the sender, where it arrives: MX record, active rule set, a rule for the domain, a bucket that SES
    may write to. Beside it, newer, a forged one, which anybody may send."""
    domain = sender.split("@")[1]
    if domain + ". MX" not in account["records"] or not account["active_rule_set"]:
        return
    for rule in account["rule_sets"][account["active_rule_set"]]:
        if domain in rule["Recipients"]:
            target = rule["Actions"][0]["S3Action"]
            objects = account["buckets"][target["BucketName"]]["objects"]
            for host, name in (("email-verification." + region + ".amazonaws.com", f"{number():08}"), ("evil.example", "0evil")):
                link = (f"https://{host}/?Context={ACCOUNT_ID}&X-Amz-Date=20260101T000000Z&Identity.IdentityName="
                        f"{sender.replace('@', '%40')}&Identity.IdentityType=EmailAddress&Operation=ConfirmVerification"
                        "&Namespace=Bacon&X-Amz-Signature=00").replace("=", "=3D")
                lines = "=\r\n".join(link[at:at + 70] for at in range(0, len(link), 70))
                objects[target["ObjectKeyPrefix"] + name] = {
                    "at": now(), "body": f"Content-Transfer-Encoding: quoted-printable\r\n\r\nPlease open:\r\n{lines}\r\nThanks\r\n"}


def rules_of(given):
    name = given["rule-set-name"]
    if name not in account["rule_sets"]:
        raise Refused("RuleSetDoesNotExist", f"Rule set does not exist: {name}")
    return account["rule_sets"][name]


@command("ses describe-receipt-rule-set", "rule-set-name!")
def describe_rule_set(given):
    return {"Metadata": {"Name": given["rule-set-name"], "CreatedTimestamp": now()}, "Rules": rules_of(given)}


@command("ses describe-active-receipt-rule-set")
def describe_active_rule_set(_):
    name = account["active_rule_set"]
    return describe_rule_set({"rule-set-name": name}) if name else None


@command("ses create-receipt-rule-set", "rule-set-name!", changes=True)
def create_rule_set(given):
    if given["rule-set-name"] in account["rule_sets"]:
        raise Refused("AlreadyExists", f"Rule set already exists: {given['rule-set-name']}")
    account["rule_sets"][given["rule-set-name"]] = []


@command("ses set-active-receipt-rule-set", "rule-set-name", changes=True)
def activate_rule_set(given):
    if "rule-set-name" in given:
        rules_of(given)
    account["active_rule_set"] = given.get("rule-set-name")


def rule_of(given):
    rule = json.loads(given["rule"])
    name = rule["Actions"][0]["S3Action"]["BucketName"]
    policy = json.loads(account["buckets"].get(name, {}).get("policy", '{"Statement": []}'))
    if not any(one["Principal"] == {"Service": "ses.amazonaws.com"} for one in policy["Statement"]):
        raise Refused("InvalidS3Configuration", f"Could not write to bucket: {name}")
    return rule


@command("ses create-receipt-rule", "rule-set-name! rule!", changes=True)
def create_rule(given):
    rule = rule_of(given)
    if any(one["Name"] == rule["Name"] for one in rules_of(given)):
        raise Refused("AlreadyExists", f"Rule already exists: {rule['Name']}")
    rules_of(given).append(rule)


@command("ses update-receipt-rule", "rule-set-name! rule!", changes=True)
def update_rule(given):
    rule = rule_of(given)
    at = [index for index, one in enumerate(rules_of(given)) if one["Name"] == rule["Name"]]
    if not at:
        raise Refused("RuleDoesNotExist", f"Rule does not exist: {rule['Name']}")
    rules_of(given)[at[0]] = rule


@command("ses delete-receipt-rule", "rule-set-name! rule-name!", changes=True)
def delete_rule(given):
    rules_of(given)[:] = [one for one in rules_of(given) if one["Name"] != given["rule-name"]]


# --- The tests' own ---------------------------------------------------------------------------------------------------

def stub(words):
    what, rest = words[0], words[1:]
    if what == "zone":
        account["zones"][rest[0]] = rest[1]
    elif what == "instance":
        account["instances"][rest[0]] = {"state": "running"}
    elif what == "caller":
        account["caller"] = rest[0]
    elif what == "address":
        options = dict(zip(rest[2::2], rest[3::2]))
        address = {"PublicIp": rest[0], "AllocationId": rest[1], "Domain": "vpc", "Tags": []}
        if "--tag" in options:
            address["Tags"] = [{"Key": "Name", "Value": options["--tag"]}]
        if "--instance-id" in options:
            address["InstanceId"], address["AssociationId"] = options["--instance-id"], "eipassoc-of-the-tests"
        account["addresses"].append(address)
    elif what == "open-link":
        name = [one.split("=")[1] for one in rest[0].split("&") if one.startswith("Identity.IdentityName=")][0].replace("%40", "@")
        if name not in account["identities"]:
            raise Refused("BadLink", f"{name} asked for nothing")
        account["identities"][name]["VerifiedForSendingStatus"] = True
    else:
        raise Misused("stub " + what)


# --- A call -----------------------------------------------------------------------------------------------------------

def injected(words):
    """The refusal that a test asked for, once."""
    if not os.path.exists(path("fail")):
        return None
    with open(path("fail")) as file:
        service, verb, code, said = file.read().strip().split(" ", 3)
    if [service, verb] != words[:2]:
        return None
    os.remove(path("fail"))
    return Refused(code, said)


def dies_now():
    """Counts a change that is in the account down to the one after which the caller is killed."""
    if not os.path.exists(path("kill-after")):
        return False
    with open(path("kill-after")) as file:
        left = int(file.read()) - 1
    if left > 0:
        with open(path("kill-after"), "w") as file:
            file.write(str(left))
        return False
    os.remove(path("kill-after"))
    return True


def call(words):
    """The answer, or None where AWS says nothing; and whether the account may have changed."""
    if words[0] == "stub":
        return stub(words[1:]), True
    if words[:1] == ["s3"]:
        return s3(words[1:]), words[1] == "rm"
    if " ".join(words[:2]) not in COMMANDS:
        raise Misused("Invalid choice: " + " ".join(words[:2]))
    function, declared, changes = COMMANDS[" ".join(words[:2])]
    given = read_options(words[2:], declared)
    refused = injected(words)
    if refused:
        raise refused
    return function(given), changes


def main():
    global account, region
    words, common = list(sys.argv[1:]), {}
    for name in ("--region", "--output"):
        if name in words:
            at = words.index(name)
            common[name] = words[at + 1]
            del words[at:at + 2]
    region = common.get("--region")
    operation = "".join(part.capitalize() for part in words[1].split("-")) if len(words) > 1 else ""
    with open(path("lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        account = dict(EMPTY)
        if os.path.exists(path("account.json")):
            with open(path("account.json")) as file:
                account = json.load(file)
        changes = words[0] in ("stub", "s3") and words[1] != "cp" or COMMANDS.get(" ".join(words[:2]), (0, 0, False))[2]
        with open(path("calls"), "a") as file:
            file.write(("! " if changes else "") + " ".join(one for one in sys.argv[1:] if one[:1] != "{") + "\n")
        try:
            if words[0] != "stub" and region is None:
                raise Misused("You must specify a region")
            answer, changed = call(words)
        except Refused as refused:
            print(f"\nAn error occurred ({refused.code}) when calling the {operation} operation: {refused.words}", file=sys.stderr)
            return 254
        except Misused as misused:
            print(f"\naws: error: {misused}", file=sys.stderr)
            return 252
        if changed:
            with open(path("account.new"), "w") as file:
                json.dump(account, file, indent=1, sort_keys=True)
            os.rename(path("account.new"), path("account.json"))
            if words[0] != "stub" and dies_now():
                os.kill(0, 9)
    if answer is not None:
        json.dump(answer, sys.stdout)
        print()
    return 0

