using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.EndToEnd.Clients;

namespace Broker.EndToEnd.Radosgw;

/// <summary>Tokens of <c>POST /v1/mint-oidc-jwt</c>, and such as only look like them, shown to STS directly.</summary>
[Collection(RadosgwTests.Name)]
public sealed class TokenTests(RadosgwSite site)
{
    [RadosgwFact]
    public async Task A_token_of_the_broker_is_exchanged_for_credentials()
    {
        var token = await MintAsync(new { });

        var answer = await ShowAsync(token);

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Body.ShouldContain(
            $"<SubjectFromWebIdentityToken>agentkeys:agent:{site.Alice.Wallet}</SubjectFromWebIdentityToken>");
        answer.Body.ShouldContain("<AccessKeyId>");
    }

    [RadosgwFact]
    public async Task A_token_pinned_to_a_role_names_it_and_lives_as_long_as_was_asked_for()
    {
        // radosgw knows no roles claim; it does not mind it either.
        var token = await MintAsync(new { role = "vault", ttl_seconds = 120 });

        var claims = TokenText.Claims(token);
        claims["https://aws.amazon.com/roles"]!.AsArray()
            .Select(role => role!.GetValue<string>()).ShouldBe([RadosgwSite.VaultRoleArn]);
        (claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>()).ShouldBe(120);
        (await ShowAsync(token)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [RadosgwFact]
    public async Task A_jobs_token_is_exchanged_for_one_that_sts_takes()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var job = TokenText.Sign(
            new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT" },
            new JsonObject
            {
                ["iss"] = "https://ci.example",
                ["sub"] = "job-1",
                ["aud"] = site.Broker.Issuer,
                ["iat"] = now,
                ["exp"] = now + 300,
            },
            site.JobKey);

        var exchanged = (await site.Client.PostFormAsync("oauth/token", new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
            ["subject_token"] = job,
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["audience"] = "sts.amazonaws.com",
        })).Ok();

        var answer = await ShowAsync(exchanged.Text("access_token"));
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Body.ShouldContain("<AccessKeyId>");
    }

    [RadosgwFact]
    public async Task A_token_that_is_signed_again_by_the_same_key_passes()
    {
        // The control of the refusals below: it is their change that is refused, not the way in which they are made.
        var token = await MintAsync(new { });
        using var key = TokenText.ReadKey(site.OidcKeyFile);

        (await ShowAsync(TokenText.Sign(TokenText.Header(token), TokenText.Claims(token), key)))
            .Status.ShouldBe(HttpStatusCode.OK);
    }

    [RadosgwFact]
    public async Task An_expired_token_is_refused() => await IsRefusedAsync(claims =>
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        claims["iat"] = now - 7200;
        claims["exp"] = now - 3600;
    });

    [RadosgwFact]
    public async Task A_token_for_another_audience_is_refused() =>
        await IsRefusedAsync(claims => claims["aud"] = "sts.example.com");

    [RadosgwFact]
    public async Task A_token_of_another_issuer_is_refused() =>
        await IsRefusedAsync(claims => claims["iss"] = "http://127.0.0.1:9");

    [RadosgwFact]
    public async Task A_token_for_a_subject_that_the_role_does_not_trust_is_refused() =>
        await IsRefusedAsync(claims => claims["sub"] = "repo:someone/else");

    [RadosgwFact]
    public async Task A_token_signed_by_another_key_is_refused()
    {
        var token = await MintAsync(new { });
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var answer = await ShowAsync(TokenText.Sign(TokenText.Header(token), TokenText.Claims(token), other));

        ShouldBeRefused(answer);
    }

    [RadosgwFact]
    public async Task A_token_whose_claims_were_changed_is_refused()
    {
        var token = await MintAsync(new { });
        var claims = TokenText.Claims(token);
        claims["sub"] = $"agentkeys:agent:{site.Bob.Wallet}";

        ShouldBeRefused(await ShowAsync(TokenText.Replace(token, claims)));
    }

    [RadosgwFact]
    public async Task A_session_token_is_not_a_web_identity() => ShouldBeRefused(await ShowAsync(site.Alice.Token));

    private async Task IsRefusedAsync(Action<JsonObject> change)
    {
        var token = await MintAsync(new { });
        var claims = TokenText.Claims(token);
        change(claims);
        using var key = TokenText.ReadKey(site.OidcKeyFile);

        ShouldBeRefused(await ShowAsync(TokenText.Sign(TokenText.Header(token), claims, key)));
    }

    private static void ShouldBeRefused(StsAnswer answer)
    {
        // 16.2 has one answer for all of them; which rule it was stands in its log only.
        answer.Status.ShouldBe(HttpStatusCode.Forbidden, answer.Body);
        answer.Body.ShouldNotContain("AccessKeyId");
    }

    private async Task<string> MintAsync(object wanted) =>
        (await site.Client.PostAsync("v1/mint-oidc-jwt", wanted, site.Alice)).Ok().Text("jwt");

    private Task<StsAnswer> ShowAsync(string token) =>
        StsCall.AssumeAsync(site.Cluster.Endpoint, RadosgwSite.VaultRoleArn, token);
}
