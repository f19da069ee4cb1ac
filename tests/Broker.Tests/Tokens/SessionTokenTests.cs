using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.Tokens;

/// <summary>
/// What a session token is, and everything that is not one: all of it is tried at the door of the mint.
/// </summary>
public sealed class SessionTokenTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private readonly List<ECDsa> _keys = [];
    private string _session = "", _header = "", _payload = "";

    private string SessionKeyFile => Path.Combine(_broker.DataFolder, "session-keypair.json");

    public async Task InitializeAsync()
    {
        _session = await _broker.SignInAsync(_wallet);
        _header = Jws.Decode(_session.Split('.')[0]);
        _payload = Jws.Decode(_session.Split('.')[1]);
    }

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        foreach (var key in _keys) key.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Has_a_type_of_its_own_and_the_claims_of_the_contract()
    {
        var token = Jws.Parse(_session);

        token.Header.EnumerateObject().Select(one => one.Name).ShouldBe(["alg", "typ", "kid"]);
        token.Header.GetProperty("alg").GetString().ShouldBe("ES256");
        token.Header.GetProperty("typ").GetString().ShouldBe("at+jwt");
        token["iss"].ShouldBe(BrokerApp.Issuer);
        token["sub"].ShouldBe($"agentkeys:user:{_wallet.Omni}");
        token["aud"].ShouldBe("agentkeys:broker");
        (token.Claims.GetProperty("exp").GetInt64() - token.Claims.GetProperty("iat").GetInt64()).ShouldBe(18_000);
        _broker.MintLog().ShouldContain(row => row.RecordId == token["jti"] && row.Kind == "session_token");
        var identity = token.Claims.GetProperty("agentkeys");
        identity.GetProperty("omni_account").GetString().ShouldBe(_wallet.Omni);
        identity.GetProperty("wallet_address").GetString().ShouldBe(_wallet.Address);
        identity.GetProperty("identity_type").GetString().ShouldBe("evm");
        identity.GetProperty("identity_value").GetString().ShouldBe(_wallet.Address);
    }

    [Fact]
    public async Task A_token_that_is_signed_anew_with_the_same_words_is_accepted()
    {
        // The control of all that follows: the forging itself is done right.
        await ShouldPassAsync(Jws.Sign(_header, _payload, Key(SessionKeyFile)));
    }

    [Fact]
    public async Task An_oidc_token_is_never_a_session_token()
    {
        var oidc = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: _session)).ShouldBeOk()["jwt"]!;

        await ShouldFailAsync(oidc);
    }

    [Fact]
    public async Task A_session_token_is_never_an_oidc_token()
    {
        var keySet = await _broker.GetAsync("/.well-known/jwks.json");
        var sessionKid = Jws.Parse(_session).Header.GetProperty("kid").GetString();

        keySet.Json.GetProperty("keys").EnumerateArray()
            .ShouldAllBe(key => key.GetProperty("kid").GetString() != sessionKid);
        using var key = Jws.KeyOf(SessionKeyFile);
        var x = System.Buffers.Text.Base64Url.EncodeToString(key.ExportParameters(false).Q.X!);
        keySet.Text.ShouldNotContain(x);
    }

    [Theory]
    [InlineData("alg", "none")]
    [InlineData("alg", "None")]
    [InlineData("alg", "HS256")]
    [InlineData("alg", "ES384")]
    [InlineData("alg", "RS256")]
    [InlineData("alg", null)]
    [InlineData("typ", "JWT")]
    [InlineData("typ", "AT+JWT")]
    [InlineData("typ", null)]
    [InlineData("kid", "another")]
    [InlineData("kid", "../oidc")]
    [InlineData("kid", "\ud800")]
    [InlineData("kid", null)]
    public async Task A_header_that_is_not_ours_is_refused_even_under_our_own_signature(string member, string? value)
    {
        var header = JsonNode.Parse(_header)!.AsObject();
        if (value is null) header.Remove(member);
        else header[member] = value;

        await ShouldFailAsync(Jws.Sign(header.ToJsonString(), _payload, Key(SessionKeyFile)));
    }

    [Fact]
    public async Task Critical_extensions_and_doubled_members_are_refused()
    {
        var key = Key(SessionKeyFile);

        await ShouldFailAsync(Jws.Sign(_header.Insert(1, "\"crit\":[\"exp\"],"), _payload, key));
        await ShouldFailAsync(Jws.Sign(_header.Insert(1, "\"alg\":\"ES256\","), _payload, key));
    }

    [Fact]
    public async Task No_signature_or_one_of_another_kind_is_refused()
    {
        var parts = _session.Split('.');
        using var publicKey = Jws.KeyOf(SessionKeyFile);
        var hmac = HMACSHA256.HashData(
            Encoding.ASCII.GetBytes(publicKey.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes(
                $"{Jws.Encode(_header.Replace("ES256", "HS256", StringComparison.Ordinal))}.{parts[1]}"));
        var der = publicKey.SignData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence);

        await ShouldFailAsync($"{parts[0]}.{parts[1]}.");
        await ShouldFailAsync($"{Jws.Encode("""{"alg":"none","typ":"at+jwt"}""")}.{parts[1]}.");
        var symmetric = Jws.Encode(_header.Replace("ES256", "HS256", StringComparison.Ordinal));
        await ShouldFailAsync($"{symmetric}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(hmac)}");
        await ShouldFailAsync($"{parts[0]}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(der)}");
        await ShouldFailAsync($"{parts[0]}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(new byte[64])}");
        await ShouldFailAsync(Jws.Sign(_header, _payload, NewKey()));
        await ShouldFailAsync(Jws.Sign(_header, _payload, Key(Path.Combine(_broker.DataFolder, "oidc-keypair.json"))));
    }

    // FIPS 186-5 takes n - s for s as well. A session that could be spelt in two ways would be two sessions to whoever
    // compares or hashes the token.
    [Fact]
    public async Task The_twin_of_our_signature_is_refused_and_we_sign_the_lower_one_only()
    {
        for (var n = 0; n < 8; n++)
        {
            var session = n == 0 ? _session : await _broker.SignInAsync(_wallet);
            var end = session.LastIndexOf('.') + 1;
            var signature = System.Buffers.Text.Base64Url.DecodeFromChars(session.AsSpan(end));
            signature[32].ShouldBeLessThan((byte)0x80);

            var twin = System.Buffers.Text.Base64Url.EncodeToString(OtherHalf(signature));

            await ShouldFailAsync(session[..end] + twin);
        }
    }

    [Fact]
    public async Task One_changed_character_anywhere_is_refused()
    {
        var chance = new Random(7);
        for (var n = 0; n < 60; n++)
        {
            var at = chance.Next(_session.Length);
            var other = _session[at] == 'A' ? 'B' : 'A';
            var changed = _session[..at] + other + _session[(at + 1)..];

            // A change in the first characters makes it an opaque bearer, which is refused as well.
            ((int)(await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: changed)).Status)
                .ShouldBe(401, $"character {at}");
        }
    }

    [Fact]
    public async Task Another_text_for_the_same_bytes_is_refused()
    {
        var parts = _session.Split('.');
        var last = parts[2][^1];
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

        // 64 bytes leave four unused bits in the last character: fifteen other texts decode to the same signature.
        var twin = Alphabet[Alphabet.IndexOf(last, StringComparison.Ordinal) | 1];
        await ShouldFailAsync($"{parts[0]}.{parts[1]}.{parts[2][..^1]}{twin}");
        await ShouldFailAsync($"{parts[0]}.{parts[1]}.{parts[2]}==");
        await ShouldFailAsync($"{parts[0]}=.{parts[1]}.{parts[2]}");
    }

    [Theory]
    [InlineData("iss", "https://other.example.test")]
    [InlineData("iss", "https://broker.example.test/")]
    [InlineData("aud", "sts.amazonaws.com")]
    [InlineData("aud", "agentkeys:audit-proof")]
    public async Task Claims_of_another_house_are_refused(string claim, string value)
    {
        var payload = JsonNode.Parse(_payload)!.AsObject();
        payload[claim] = value;

        await ShouldFailAsync(Jws.Sign(_header, payload.ToJsonString(), Key(SessionKeyFile)));
    }

    [Fact]
    public async Task A_token_is_good_until_the_second_of_its_expiry()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_SESSION_JWT_TTL_SECONDS", "60"));
        var session = await broker.SignInAsync(_wallet);

        broker.Clock.Advance(TimeSpan.FromSeconds(59));
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
        broker.Clock.Advance(TimeSpan.FromSeconds(1));

        var late = await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session);
        late.ShouldRefuse(401, "unauthorized", "session_expired")["message"]!.ShouldStartWith("unauthorized: expired:");
        broker.RowOf(late).Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task An_ended_session_is_refused_at_once_and_after_a_restart()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var other = await broker.SignInAsync(_wallet);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();

        ((int)(await broker.PostAsync("/v1/auth/session/end", bearer: session)).Status).ShouldBe(204);

        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: other)).ShouldBeOk();
        await broker.RestartAsync();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        (await broker.PostAsync("/v1/auth/session/end", bearer: session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
    }

    private ECDsa Key(string file)
    {
        _keys.Add(Jws.KeyOf(file));
        return _keys[^1];
    }

    private ECDsa NewKey()
    {
        _keys.Add(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        return _keys[^1];
    }

    private async Task ShouldPassAsync(string token) => (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: token))
        .ShouldBeOk();

    /// <summary>n - s in the place of s; n is the order of P-256 (SP 800-186 §3.2.1.3).</summary>
    private static byte[] OtherHalf(byte[] signature)
    {
        var order = System.Numerics.BigInteger.Parse(
            "0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            System.Globalization.NumberStyles.HexNumber);
        var s = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var other = (order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. signature[..32], .. new byte[32 - other.Length], .. other];
    }

    private async Task ShouldFailAsync(string token)
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: token);
        answer.ShouldRefuse(401, "unauthorized", "invalid_bearer");
        _broker.RowOf(answer).RequesterWallet.ShouldBe("unknown");
    }
}
