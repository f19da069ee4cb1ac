using System.Text.Json;
using Broker.Cryptography;
using Broker.SignIn.Wallet;

namespace Broker.Tests.SignIn;

/// <summary>viem, ethers and siwe against this implementation, run side by side over the same texts.</summary>
public class SiweInteropTests
{
    private static readonly string[] Plain = ["", "hello world", "grüße 🦊", "line\nline\r\n", new('x', 10_000)];

    /// <summary>Where this parser and siwe 3.0.0 are known to part, and why.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        [new SiweText { Address = SiweText.Checksummed.ToLowerInvariant() }.ToString()] =
            "siwe wants the checksum; this server writes lower case and reads it back",
    };

    [Fact]
    public async Task Agrees_with_viem_ethers_and_siwe()
    {
        string[] texts = [.. Plain, .. Variants(), .. Differences.Keys, Issued()];
        var theirs = await Interop.SiweVectorsAsync(texts);

        CompareHashes(theirs.GetProperty("hashes"));
        foreach (var address in theirs.GetProperty("addresses").EnumerateArray())
        {
            EthereumAddress.Parse(address.GetString()).ToChecksummedString().ShouldBe(address.GetString());
        }

        foreach (var signed in theirs.GetProperty("signed").EnumerateArray()) CompareSignature(signed);
        foreach (var twin in theirs.GetProperty("twins").EnumerateArray()) RefuseTwin(twin);
        foreach (var (text, verdict) in texts.Zip(theirs.GetProperty("verdicts").EnumerateArray()))
        {
            CompareVerdict(text, verdict);
        }
    }

    private static void CompareHashes(JsonElement hashes)
    {
        foreach (var hash in hashes.EnumerateArray())
        {
            var message = Enumerable.Range(0, hash.GetProperty("length").GetInt32()).Select(i => (byte)(i % 251));
            Hexadecimal(Keccak256.HashData([.. message])).ShouldBe(hash.GetProperty("keccak256").GetString());
        }
    }

    private static void CompareSignature(JsonElement signed)
    {
        var hash = PersonalMessage.Hash(signed.GetProperty("text").GetString()!);
        Hexadecimal(hash).ShouldBe(signed.GetProperty("viemHash").GetString());
        Hexadecimal(hash).ShouldBe(signed.GetProperty("ethersHash").GetString());
        foreach (var library in new[] { "viem", "ethers" })
        {
            Secp256k1.RecoverAddress(hash, Bytes(signed.GetProperty(library)), out var signer)
                .ShouldBe(RecoveryOutcome.Recovered);
            signer.ToChecksummedString().ShouldBe(signed.GetProperty("address").GetString());
        }
    }

    /// <summary>
    /// viem recovers the signer from the twin; here the twin is recovered only when that is asked for.
    /// </summary>
    private static void RefuseTwin(JsonElement twin)
    {
        var hash = PersonalMessage.Hash(twin.GetProperty("text").GetString()!);
        var signature = Bytes(twin.GetProperty("signature"));
        Secp256k1.RecoverAddress(hash, signature, out _).ShouldBe(RecoveryOutcome.HighS);
        Secp256k1.RecoverAddress(hash, signature, out var signer, allowHighS: true).ShouldBe(RecoveryOutcome.Recovered);
        signer.ToChecksummedString().ShouldBe(twin.GetProperty("recovered").GetString());
    }

    private static void CompareVerdict(string text, JsonElement verdict)
    {
        var ours = SiweParser.Parse(text).Message;
        var theyAccept = verdict.ValueKind != JsonValueKind.Null;
        if (Differences.ContainsKey(text))
        {
            (ours is not null).ShouldNotBe(theyAccept, $"no longer a difference:\n{text}");
            return;
        }

        (ours is not null).ShouldBe(theyAccept, $"siwe {(theyAccept ? "accepts" : "refuses")}:\n{text}");
        if (ours is null) return;
        verdict.GetProperty("printed").GetString().ShouldBe(ours.Format());
        Optional("scheme").ShouldBe(ours.Scheme);
        verdict.GetProperty("domain").GetString().ShouldBe(ours.Domain);
        verdict.GetProperty("address").GetString().ShouldBe(ours.Address.ToChecksummedString());
        Optional("statement").ShouldBe(ours.Statement);
        verdict.GetProperty("uri").GetString().ShouldBe(ours.Uri);
        verdict.GetProperty("chainId").GetUInt64().ShouldBe(ours.ChainId);
        verdict.GetProperty("nonce").GetString().ShouldBe(ours.Nonce);
        verdict.GetProperty("issuedAt").GetString().ShouldBe(ours.IssuedAt.Text);
        Optional("expirationTime").ShouldBe(ours.ExpirationTime?.Text);
        Optional("notBefore").ShouldBe(ours.NotBefore?.Text);
        Optional("requestId").ShouldBe(ours.RequestId);
        var resources = verdict.TryGetProperty("resources", out var list)
            ? list.EnumerateArray().Select(resource => resource.GetString()!)
            : [];
        resources.ShouldBe(ours.Resources ?? []);

        string? Optional(string name) => verdict.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    /// <summary>What the server hands out, but for the checksum that siwe wants.</summary>
    private static string Issued() => (SiweMessage.ForSignIn(
        new Uri("https://broker.example.org"),
        EthereumAddress.Parse(SiweText.Checksummed),
        1,
        "0123456789abcdef0123456789abcdef",
        new DateTimeOffset(2026, 5, 4, 12, 0, 0, default),
        TimeSpan.FromMinutes(45),
        "agentkeys") with
    { AddressIsChecksummed = true }).Format();

    private static IEnumerable<string> Variants()
    {
        foreach (var published in PublishedSiweVectors.Positive.Values) yield return published.ToString();
        foreach (var (text, _) in PublishedSiweVectors.Negative.Values) yield return text;
        foreach (var (text, _) in PublishedSiweSignatures.BadTimes.Values) yield return text.ToString();
        var right = new SiweText();
        foreach (var origin in (string[])["a", "a.b:1", "[2001:db8::1]:2", "[::1", "a b", "1x://a", "x+y://a", "é.org"])
        {
            yield return (right with { Origin = origin }).ToString();
        }

        foreach (var uri in (string[])["urn:a:b", "did:key:z6Mk", "https://a/%41?b#c", "a b", "%41:x", "//a", "x:%4"])
        {
            yield return (right with { Uri = uri }).ToString();
        }

        foreach (var statement in (string[])["a", "a's (b) [c]", "a\tb", "é", "a\"b", "100%"])
        {
            yield return (right with { Statement = statement }).ToString();
        }

        foreach (var time in (string[])["2024-02-29T00:00:00.123456Z", "2023-02-29T00:00:00Z", "2024-01-01", "x"])
        {
            yield return (right with { IssuedAt = time }).ToString();
        }

        foreach (var tail in (string[])["\n", "\nResources:\n- a:b\n- c:d", "\nRequest ID: x@y", "\nRequest ID: a b"])
        {
            yield return (right with { Tail = tail }).ToString();
        }

        yield return (right with { Nonce = "abcdefgh" }).ToString();
        yield return (right with { Nonce = "abcdefg_" }).ToString();
        yield return (right with { ChainId = "137" }).ToString();
        yield return (right with { ChainId = "-1" }).ToString();
        yield return (right with { Version = "2" }).ToString();
        yield return right.ToString().Replace("wants you", "wants  you", StringComparison.Ordinal);
        yield return right.ToString().ReplaceLineEndings("\r\n");
    }

    private static byte[] Bytes(JsonElement hex) => Convert.FromHexString(hex.GetString()!.AsSpan(2));

    private static string Hexadecimal(byte[] bytes) => "0x" + Convert.ToHexStringLower(bytes);
}
