using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Sts;

/// <summary>
/// AssumeRoleWithWebIdentity through Amazon's client: what is granted, and the token faults that are refused.
/// </summary>
public sealed class WebIdentityTests : IAsyncLifetime
{
    private const string Tags = "https://aws.amazon.com/tags";
    private CloudUnderTest _cloud = null!;

    public async Task InitializeAsync() => _cloud = await CloudUnderTest.StartAsync();

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    [Fact]
    public async Task Grants_a_session_to_a_good_token()
    {
        using var sts = _cloud.Sts();
        var claims = _cloud.Issuer.Claims();
        claims["https://aws.amazon.com/source_identity"] = "0xabc";

        var answer = await sts.AssumeRoleWithWebIdentityAsync(_cloud.WebIdentityRequest(claims));

        answer.Credentials.AccessKeyId.ShouldStartWith("ASIA");
        answer.Credentials.AccessKeyId.Length.ShouldBe(20);
        answer.Credentials.SecretAccessKey.Length.ShouldBe(40);
        answer.Credentials.Expiration!.Value.ShouldBe(DateTime.UtcNow.AddHours(1), TimeSpan.FromMinutes(1));
        answer.AssumedRoleUser.Arn.ShouldBe(
            "arn:aws:sts::000000000000:assumed-role/agentkeys-vault-role/agentkeys-test");
        answer.AssumedRoleUser.AssumedRoleId.ShouldEndWith(":agentkeys-test");
        answer.SubjectFromWebIdentityToken.ShouldBe((string)claims["sub"]!);
        answer.Audience.ShouldBe("sts.amazonaws.com");
        answer.SourceIdentity.ShouldBe("0xabc");
    }

    [Fact]
    public async Task Accepts_an_RS256_key()
    {
        using var rsa = RSA.Create(2048);
        var parameters = rsa.ExportParameters(false);
        _cloud.Issuer.Jwks["keys"]!.AsArray().Add(new JsonObject
        {
            ["kty"] = "RSA",
            ["n"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Exponent),
            ["kid"] = "rsa",
        });
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.WebIdentityToken = TestIssuer.Sign(
            _cloud.Issuer.Claims().ToJsonString(), """{"alg":"RS256","kid":"rsa"}""",
            input => rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        using var sts = _cloud.Sts();
        (await sts.AssumeRoleWithWebIdentityAsync(request)).Credentials.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("iss")]
    [InlineData("sub")]
    [InlineData("aud")]
    [InlineData("iat")]
    [InlineData("exp")]
    public async Task Refuses_a_token_without_a_required_claim(string claim)
    {
        var claims = _cloud.Issuer.Claims();
        claims.Remove(claim);

        var (code, message) = await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims));

        code.ShouldBe("InvalidIdentityToken");
        message.ShouldBe($"Missing a required claim: {claim}");
    }

    [Theory]
    [InlineData("iat")]
    [InlineData("exp")]
    public async Task Refuses_a_time_that_is_not_an_integer(string claim)
    {
        var claims = _cloud.Issuer.Claims();
        claims[claim] = (long)claims[claim]! + 0.5;

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Code.ShouldBe("InvalidIdentityToken");
    }

    [Fact]
    public async Task Refuses_an_expired_token_and_says_both_times()
    {
        var claims = _cloud.Issuer.Claims();
        claims["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1;

        var (code, message) = await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims));

        code.ShouldBe("ExpiredTokenException");
        message.ShouldContain($"must be before the expiration date/time {claims["exp"]}");
    }

    [Theory]
    [InlineData("iat", 240, true)]
    [InlineData("iat", 600, false)]
    [InlineData("nbf", 240, true)]
    [InlineData("nbf", 600, false)]
    public async Task Allows_five_minutes_of_skew_to_iat_and_nbf(string claim, int secondsAhead, bool accepted)
    {
        var claims = _cloud.Issuer.Claims();
        claims[claim] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + secondsAhead;
        claims["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600;
        var request = _cloud.WebIdentityRequest(claims);

        if (accepted)
        {
            using var sts = _cloud.Sts();
            (await sts.AssumeRoleWithWebIdentityAsync(request)).Credentials.ShouldNotBeNull();
        }
        else
        {
            (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("InvalidIdentityToken");
        }
    }

    [Fact]
    public async Task Refuses_another_audience()
    {
        var claims = _cloud.Issuer.Claims();
        claims["aud"] = "agentkeys:broker";

        var refusal = await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims));

        refusal.ShouldBe(("InvalidIdentityToken", "Incorrect token audience"));
    }

    [Fact]
    public async Task Of_several_audiences_the_authorised_party_decides()
    {
        var claims = _cloud.Issuer.Claims();
        claims["aud"] = new JsonArray("sts.amazonaws.com", "other");
        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Message.ShouldBe("Incorrect token audience");

        claims["azp"] = "sts.amazonaws.com";
        using var sts = _cloud.Sts();
        (await sts.AssumeRoleWithWebIdentityAsync(_cloud.WebIdentityRequest(claims))).Audience
            .ShouldBe("sts.amazonaws.com");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/path")]
    public async Task Refuses_an_issuer_that_is_not_registered_byte_for_byte(string more)
    {
        var claims = _cloud.Issuer.Claims();
        claims["iss"] = _cloud.Issuer.Address + more;

        var (code, message) = await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims));

        code.ShouldBe("InvalidIdentityToken");
        message.ShouldBe($"No OpenIDConnect provider found in your account for {_cloud.Issuer.Address}{more}");
    }

    [Fact]
    public async Task Refuses_a_forged_signature()
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        request.WebIdentityToken = TestIssuer.Sign(
            _cloud.Issuer.Claims().ToJsonString(), $$"""{"alg":"ES256","kid":"{{_cloud.Issuer.KeyId}}"}""",
            input => other.SignData(input, HashAlgorithmName.SHA256));

        (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("InvalidIdentityToken");
    }

    [Fact]
    public async Task Refuses_a_signature_in_DER()
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.WebIdentityToken = TestIssuer.Sign(
            _cloud.Issuer.Claims().ToJsonString(), $$"""{"alg":"ES256","kid":"{{_cloud.Issuer.KeyId}}"}""",
            input => _cloud.Issuer.Key.SignData(
                input, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

        (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("InvalidIdentityToken");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    public async Task Refuses_an_algorithm_that_is_not_the_keys(string algorithm)
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.WebIdentityToken = _cloud.Issuer.Sign(
            _cloud.Issuer.Claims(), new JsonObject { ["alg"] = algorithm, ["kid"] = _cloud.Issuer.KeyId });

        (await _cloud.RefusalOfAsync(request)).Code.ShouldBe("InvalidIdentityToken");
    }

    [Theory]
    [InlineData("not a token")]
    [InlineData("e30.e30")]
    [InlineData("e30.e30.")]
    [InlineData("W10.W10.AAAA")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9=.e30.AAAA")]
    public async Task Refuses_what_is_not_a_token(string text)
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.WebIdentityToken = text;

        var (code, message) = await _cloud.RefusalOfAsync(request);

        code.ShouldBe("InvalidIdentityToken");
        message.ShouldStartWith("The ID Token provided is not a valid JWT.");
    }

    [Fact]
    public async Task Refuses_a_claim_that_is_there_twice()
    {
        var claims = _cloud.Issuer.Claims().ToJsonString();
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims());
        request.WebIdentityToken = TestIssuer.Sign(
            claims[..^1] + ",\"sub\":\"someone else\"}", $$"""{"alg":"ES256","kid":"{{_cloud.Issuer.KeyId}}"}""",
            input => _cloud.Issuer.Key.SignData(input, HashAlgorithmName.SHA256));

        (await _cloud.RefusalOfAsync(request)).Message.ShouldStartWith("The ID Token provided is not a valid JWT.");
    }

    [Fact]
    public async Task The_roles_claim_is_enforced_before_the_trust_policy()
    {
        var claims = _cloud.Issuer.Claims();
        claims.Remove(Tags); // The trust policy would refuse this with AccessDenied.
        claims["https://aws.amazon.com/roles"] = CloudUnderTest.DataRole;

        var refusal = await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims));

        refusal.ShouldBe((
            "InvalidIdentityToken", "The target role ARN is not present in the roles claim of the identity token"));
    }

    [Fact]
    public async Task The_roles_claim_takes_one_ARN_or_a_list_and_no_wildcard()
    {
        using var sts = _cloud.Sts();
        var claims = _cloud.Issuer.Claims();
        JsonNode[] accepted =
            [CloudUnderTest.VaultRole, new JsonArray(CloudUnderTest.DataRole, CloudUnderTest.VaultRole)];
        foreach (var good in accepted)
        {
            claims["https://aws.amazon.com/roles"] = good;
            (await sts.AssumeRoleWithWebIdentityAsync(_cloud.WebIdentityRequest(claims))).Credentials.ShouldNotBeNull();
        }

        foreach (var bad in (JsonNode[])["arn:aws:iam::000000000000:role/*", new JsonArray(1), new JsonObject()])
        {
            claims["https://aws.amazon.com/roles"] = bad;
            (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Code.ShouldBe("InvalidIdentityToken");
        }
    }

    [Fact]
    public async Task An_unknown_role_answers_like_one_that_does_not_trust()
    {
        var request = _cloud.WebIdentityRequest(_cloud.Issuer.Claims(), "arn:aws:iam::000000000000:role/nobody");

        var refusal = await _cloud.RefusalOfAsync(request);

        refusal.ShouldBe(("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"));
    }

    [Fact]
    public async Task A_token_without_the_demanded_tag_is_not_trusted()
    {
        var claims = _cloud.Issuer.Claims();
        claims.Remove(Tags);

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Code.ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Takes_the_flattened_form_of_tags()
    {
        var claims = _cloud.Issuer.Claims();
        claims.Remove(Tags);
        claims[$"{Tags}/principal_tags/agentkeys_actor_omni"] = Actors.Alice;
        claims[$"{Tags}/transitive_tag_keys"] = new JsonArray("agentkeys_actor_omni");

        using var sts = _cloud.Sts();
        (await sts.AssumeRoleWithWebIdentityAsync(_cloud.WebIdentityRequest(claims))).Credentials.ShouldNotBeNull();
    }

    public static TheoryData<string> BadTags => new(
        """{"principal_tags":{"agentkeys_actor_omni":"not a list"}}""",
        """{"principal_tags":{"agentkeys_actor_omni":["two","values"]}}""",
        """{"principal_tags":{"agentkeys_actor_omni":[]}}""",
        """{"principal_tags":{"agentkeys_actor_omni":[1]}}""",
        """{"principal_tags":[]}""",
        """{"principal_tags":{"a":["1"],"A":["2"]}}""",
        """{"principal_tags":{"aws:a":["1"]}}""",
        """{"principal_tags":{"a":["{}"]}}""",
        """{"principal_tags":{"a":["1"]},"transitive_tag_keys":["b"]}""",
        """{"principal_tags":{"a":["1"]},"transitive_tag_keys":"a"}""",
        $$$"""{"principal_tags":{"{{{new string('k', 129)}}}":["1"]}}""",
        $$$"""{"principal_tags":{"a":["{{{new string('v', 257)}}}"]}}""",
        $$$"""{"principal_tags":{{{{string.Join(',', Enumerable.Range(0, 51).Select(n => $"\"k{n}\":[\"v\"]"))}}}}}""",
        "[]");

    [Theory]
    [MemberData(nameof(BadTags))]
    public async Task Refuses_tags_that_AWS_would_not_take(string tags)
    {
        var claims = _cloud.Issuer.Claims();
        claims[Tags] = JsonNode.Parse(tags);

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Code.ShouldBe("InvalidIdentityToken");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("with a blank")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task Refuses_a_source_identity_of_the_wrong_form(string value)
    {
        var claims = _cloud.Issuer.Claims();
        claims["https://aws.amazon.com/source_identity"] = value;

        (await _cloud.RefusalOfAsync(_cloud.WebIdentityRequest(claims))).Code.ShouldBe("InvalidIdentityToken");
    }
}
