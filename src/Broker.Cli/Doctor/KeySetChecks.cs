using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Broker.Foundation;

namespace Broker.Cli.Doctor;

/// <summary>What AWS demands of a key set; what it was seen to refuse is a fault too.</summary>
internal static class KeySetChecks
{
    private const int MostOfAType = 100;
    private static readonly string[] Private = ["d", "p", "q", "dp", "dq", "qi", "k"];

    public static void Examine(JsonObject keySet, Findings findings)
    {
        var before = findings.All.Count;
        var keys = (keySet["keys"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (keys.Count == 0)
            findings.Fault("keys", "the key set has no key", "does the broker have its OIDC key? See its log");
        foreach (var type in keys.GroupBy(key => Text(key, "kty")).Where(type => type.Count() > MostOfAType))
        {
            findings.Fault("keys", $"{type.Count()} keys of type {type.Key}, and AWS takes {MostOfAType}",
                "take old keys out of the folder of published keys");
        }

        var named = keys.Where(key => Text(key, "kid") is not null).GroupBy(key => Text(key, "kid")!);
        foreach (var twice in named.Where(same => same.Count() > 1))
        {
            findings.Fault("keys", $"{twice.Count()} keys have the kid {Shown(twice.Key)}: AWS takes the last one",
                "give each key file its own kid (Broker keygen does), or take one away");
        }

        foreach (var key in keys) ExamineOne(key, keys.Count, findings);
        if (findings.All.Count > before) return;
        findings.Ok("keys", string.Join(", ", keys.GroupBy(key => $"{Text(key, "alg") ?? Text(key, "kty")}")
            .Select(kind => $"{kind.Count()} of {kind.Key}")) + "; each as AWS wants it");
    }

    private static void ExamineOne(JsonObject key, int count, Findings findings)
    {
        var name = Text(key, "kid") is { Length: > 0 } kid ? $"key {Shown(kid)}" : "a key";
        if (Text(key, "kid") is null && count > 1)
            Fault("has no kid", "each key needs one");
        if (key.ContainsKey("key_ops"))
            Fault("has key_ops, which AWS refuses", "leave the member out: use says it");
        if (Text(key, "use") is var use && use != "sig")
        {
            Fault(
                use is null ? "has no use" : $"has the use {Shown(use)}", "only keys with \"use\":\"sig\" belong there");
        }

        if (Private.FirstOrDefault(key.ContainsKey) is { } secret)
        {
            Fault(
                $"shows \"{secret}\", which is private", "the key is lost: replace it now, and serve public keys only");
        }

        if (Text(key, "kty") is not ("EC" or "RSA"))
            Fault($"is of the type {Text(key, "kty")}", "AWS takes RSA and EC keys");
        if (key["x5c"] is JsonArray and [JsonValue first, ..] && !Matches(key, first))
            Fault("has an x5c certificate of another key", "delete <key file>.crt: the broker makes it again");

        void Fault(string found, string fix) => findings.Fault("keys", $"{name} {found}", fix);
    }

    private static bool Matches(JsonObject key, JsonValue first)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(
                Convert.FromBase64String(first.GetValue<string>()));
            if (certificate.GetECDsaPublicKey() is { } curve)
            {
                using (curve)
                {
                    var point = curve.ExportParameters(includePrivateParameters: false).Q;
                    return Same(key, "x", point.X) && Same(key, "y", point.Y);
                }
            }

            using var rsa = certificate.GetRSAPublicKey();
            var numbers = rsa?.ExportParameters(includePrivateParameters: false);
            return numbers is { } public_ && Same(key, "n", public_.Modulus) && Same(key, "e", public_.Exponent);
        }
        catch (Exception wrong) when (wrong is CryptographicException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Same(JsonObject key, string member, byte[]? number)
    {
        if (Text(key, member) is not { } text || number is null) return false;
        var written = new byte[System.Buffers.Text.Base64Url.GetMaxDecodedLength(text.Length)];
        return System.Buffers.Text.Base64Url.TryDecodeFromChars(text, written, out var length)
            && written.AsSpan(0, length).SequenceEqual(number);
    }

    private static string Shown(string text) => ForeignText.Excerpt(text, 80);

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
