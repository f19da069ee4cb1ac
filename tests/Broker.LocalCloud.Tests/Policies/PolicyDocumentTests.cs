using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Tests.Policies;

/// <summary>The policy language as the IAM User Guide describes it.</summary>
public sealed class PolicyDocumentTests
{
    [Theory]
    [InlineData("s3:GetObject", "s3:GetObject", true)]
    [InlineData("s3:getobject", "s3:GetObject", true)]
    [InlineData("s3:Get*", "s3:GetObject", true)]
    [InlineData("s3:?etObject", "s3:GetObject", true)]
    [InlineData("*", "s3:GetObject", true)]
    [InlineData("s3:Put*", "s3:GetObject", false)]
    [InlineData("s3:Get", "s3:GetObject", false)]
    public void Actions_match_without_case(string pattern, string action, bool allowed) =>
        Ask($$"""{"Effect":"Allow","Action":"{{pattern}}","Resource":"*"}""", action: action).Allows.ShouldBe(allowed);

    [Theory]
    [InlineData("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", true)]
    [InlineData("arn:aws:s3:::b/*", "arn:aws:s3:::b", false)]
    [InlineData("arn:aws:s3:::B/*", "arn:aws:s3:::b/x", false)]
    [InlineData("arn:aws:s3:::b/a*z", "arn:aws:s3:::b/abcz", true)]
    [InlineData("arn:aws:s3:::b/a*z", "arn:aws:s3:::b/az", true)]
    [InlineData("arn:aws:s3:::b/a*zz", "arn:aws:s3:::b/azazzaz", false)]
    [InlineData("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "arn:aws:s3:::b/blue/x", true)]
    [InlineData("arn:aws:s3:::b/${aws:principaltag/TEAM}/*", "arn:aws:s3:::b/blue/x", true)]
    [InlineData("arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "arn:aws:s3:::b/red/x", false)]
    [InlineData("arn:aws:s3:::b/${aws:PrincipalTag/none}/*", "arn:aws:s3:::b//x", false)]
    [InlineData("arn:aws:s3:::b/${aws:PrincipalTag/none, 'guest'}/*", "arn:aws:s3:::b/guest/x", true)]
    [InlineData("arn:aws:s3:::b/${aws:PrincipalTag/star}", "arn:aws:s3:::b/anything", false)]
    [InlineData("arn:aws:s3:::b/${aws:PrincipalTag/star}", "arn:aws:s3:::b/*", true)]
    [InlineData("arn:aws:s3:::b/${*}${?}${$}", "arn:aws:s3:::b/*?$", true)]
    [InlineData("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", false)]
    public void Resources_match_with_case_wildcards_and_variables(string pattern, string resource, bool allowed) => Ask(
        $$"""{"Effect":"Allow","Action":"*","Resource":"{{pattern}}"}""", resource: resource,
        keys: [("aws:PrincipalTag/team", ["blue"]), ("aws:PrincipalTag/star", ["*"])]).Allows.ShouldBe(allowed);

    [Fact]
    public void Variables_are_plain_text_in_the_older_version()
    {
        const string statement = """{"Effect":"Allow","Action":"*","Resource":"a/${aws:PrincipalTag/team}"}""";

        Ask(statement, resource: "a/blue", version: "2008-10-17", keys: [("aws:PrincipalTag/team", ["blue"])]).Allows
            .ShouldBeFalse();
        Ask(statement, resource: "a/${aws:PrincipalTag/team}", version: "2008-10-17").Allows.ShouldBeTrue();
    }

    [Theory]
    [InlineData("NotAction", "s3:Get*", "s3:GetObject", false)]
    [InlineData("NotAction", "s3:Get*", "s3:PutObject", true)]
    public void NotAction_is_everything_else(string element, string pattern, string action, bool allowed) =>
        Ask($$"""{"Effect":"Allow","{{element}}":"{{pattern}}","Resource":"*"}""", action: action)
            .Allows.ShouldBe(allowed);

    [Theory]
    [InlineData("x/1", false)]
    [InlineData("y/1", true)]
    public void NotResource_is_everywhere_else(string resource, bool allowed) =>
        Ask("""{"Effect":"Allow","Action":"*","NotResource":["x/*"]}""", resource: resource).Allows.ShouldBe(allowed);

    [Theory]
    [InlineData("""{"StringEquals":{"k":"a"}}""", true)]
    [InlineData("""{"StringEquals":{"K":["b","a"]}}""", true)]
    [InlineData("""{"StringEquals":{"k":"A"}}""", false)]
    [InlineData("""{"StringEquals":{"k":"?"}}""", false)]
    [InlineData("""{"StringEquals":{"absent":"a"}}""", false)]
    [InlineData("""{"StringEqualsIfExists":{"absent":"a"}}""", true)]
    [InlineData("""{"StringEqualsIgnoreCase":{"k":"A"}}""", true)]
    [InlineData("""{"StringNotEquals":{"k":"a"}}""", false)]
    [InlineData("""{"StringNotEquals":{"k":["b","a"]}}""", false)]
    [InlineData("""{"StringNotEquals":{"k":"b"}}""", true)]
    [InlineData("""{"StringNotEquals":{"absent":"b"}}""", true)]
    [InlineData("""{"StringLike":{"k":"?"}}""", true)]
    [InlineData("""{"StringNotLike":{"k":"*"}}""", false)]
    [InlineData("""{"StringEquals":{"k":"${self}"}}""", true)]
    [InlineData("""{"Null":{"k":"false"}}""", true)]
    [InlineData("""{"Null":{"k":true}}""", false)]
    [InlineData("""{"Null":{"absent":"true"}}""", true)]
    [InlineData("""{"Null":{"absent":"false"}}""", false)]
    [InlineData("""{"Bool":{"flag":true}}""", true)]
    [InlineData("""{"Bool":{"flag":"FALSE"}}""", false)]
    [InlineData("""{"NumericLessThanEquals":{"n":"10"}}""", true)]
    [InlineData("""{"NumericLessThan":{"n":10}}""", false)]
    [InlineData("""{"NumericNotEquals":{"n":11}}""", true)]
    [InlineData("""{"NumericEquals":{"k":1}}""", false)]
    [InlineData("""{"DateGreaterThan":{"t":"2026-01-01T00:00:00Z"}}""", true)]
    [InlineData("""{"DateLessThan":{"t":"2026-01-01T00:00:00Z"}}""", false)]
    [InlineData("""{"DateLessThan":{"t":"1999999999"}}""", true)]
    [InlineData("""{"IpAddress":{"ip":"127.0.0.0/8"}}""", true)]
    [InlineData("""{"IpAddress":{"ip":"10.0.0.1"}}""", false)]
    [InlineData("""{"NotIpAddress":{"ip":"10.0.0.0/8"}}""", true)]
    [InlineData("""{"ArnLike":{"arn":"arn:aws:iam::*:role/x"}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"many":["a","b","c"]}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"many":["a"]}}""", false)]
    [InlineData("""{"ForAllValues:StringEquals":{"absent":["a"]}}""", true)]
    [InlineData("""{"ForAnyValue:StringEquals":{"many":["b"]}}""", true)]
    [InlineData("""{"ForAnyValue:StringEquals":{"absent":["b"]}}""", false)]
    [InlineData("""{"ForAnyValue:StringNotEquals":{"many":["a"]}}""", true)]
    [InlineData("""{"StringEquals":{"k":"a"},"Null":{"absent":"false"}}""", false)]
    [InlineData("""{"StringEquals":{"k":"a","flag":"true"}}""", true)]
    public void Conditions_hold_or_do_not(string condition, bool allowed) => Ask(
        $$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{condition}}}""",
        keys:
        [
            ("k", ["a"]), ("self", ["a"]), ("flag", ["true"]), ("n", ["10"]), ("t", ["2026-11-21T00:00:00Z"]),
            ("ip", ["127.0.0.1"]), ("arn", ["arn:aws:iam::1:role/x"]), ("many", ["a", "b"]),
        ]).Allows.ShouldBe(allowed);

    [Fact]
    public void A_denial_wins_wherever_it_stands()
    {
        const string allow = """{"Effect":"Allow","Action":"*","Resource":"*"}""";
        const string deny = """{"Effect":"Deny","Action":"*","Resource":"*"}""";

        Ask($"[{allow},{deny}]").Denies.ShouldBeTrue();
        Ask($"[{deny},{allow}]").Denies.ShouldBeTrue();
        Ask($"[{allow}]").Denies.ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "invalid JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("{}", "no statement")]
    [InlineData("""{"Version":"2026-01-01","Statement":[]}""", "unknown version")]
    [InlineData("""{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}""", "effect in lower case")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*"}]}""", "no resource")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Resource":"*"}]}""", "no action")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}""", "no action in the list")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}""", "both")]
    [InlineData(
        """{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Resources":"*"}]}""", "unknown element")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Action":"*","Resource":"*"}]}""", "element twice")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}""", "principal")]
    [InlineData(
        """{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqual":{"a":"b"}}}]}""",
        "operator")]
    [InlineData(
        """{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"a":"yes"}}}]}""",
        "null value")]
    [InlineData(
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"${a"}]}""",
        "open variable")]
    [InlineData(
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"${a, b}"}]}""",
        "default")]
    public void Refuses_what_IAM_would_not_take(string policy, string why) =>
        PolicyDocument.TryParse(policy, PolicyKind.Identity, out _, out _).ShouldBeFalse(why);

    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"*"}""", PolicyKind.Trust)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}""", PolicyKind.Trust)]
    [InlineData("""{"Effect":"Allow","Principal":"everyone","Action":"*"}""", PolicyKind.Trust)]
    [InlineData("""{"Effect":"Allow","Principal":{"Aws":"*"},"Action":"*"}""", PolicyKind.Trust)]
    [InlineData("""{"Effect":"Allow","Principal":{},"Action":"*"}""", PolicyKind.Trust)]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*"}""", PolicyKind.Resource)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"*"}""", PolicyKind.Resource)]
    public void Each_kind_has_its_own_elements(string statement, object kind) => PolicyDocument.TryParse(
        $$"""{"Statement":{{statement}}}""", (PolicyKind)kind, out _, out _).ShouldBeFalse();

    private static PolicyVerdict Ask(
        string statement, string action = "s3:GetObject", string resource = "arn", string version = "2012-10-17",
        (string Key, string[] Values)[]? keys = null)
    {
        PolicyDocument.TryParse(
            $$"""{"Version":"{{version}}","Statement":{{statement}}}""", PolicyKind.Identity, out var policy,
            out var fault).ShouldBeTrue(fault);
        return policy!.Ask(new AccessRequest(
            action, resource, [], (keys ?? []).Select(key => new KeyValuePair<string, string[]>(key.Key, key.Values))));
    }
}
