using System.Text.Json.Nodes;
using Broker.Cli.Iam;
using Broker.Foundation;

namespace Broker.Cli.Doctor;

/// <summary>
/// The issuer and its documents as AWS reads them: the issuer byte for byte, each document at the issuer's own
/// address, in the open, as JSON, and not kept for long.
/// </summary>
internal sealed class IssuerChecks(AwsLikeClient client, Findings findings)
{
    private const string WellKnown = ".well-known/openid-configuration";
    private static readonly TimeSpan LongestCaching = TimeSpan.FromDays(1);
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(30);

    /// <summary>AWS takes tokens whose times are wrong by so much.</summary>
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(5);

    /// <summary>The issuer that the broker names; null ends the examination, for then it names none.</summary>
    public async Task<string?> FindAsync(Uri broker, CancellationToken stop)
    {
        var address = new Uri(broker, WellKnown);
        const string absent = "is the broker running, and is this its address?";
        if (await FetchAsync("broker", address, absent, stop) is not { } fetched) return null;
        Clock(fetched);
        if (fetched.Json(out var why) is not { } discovery)
        {
            findings.Fault("broker", $"{address} is no discovery document: {why}", "give the broker's address");
            return null;
        }

        if (Text(discovery, "issuer") is { } issuer) return issuer;
        findings.Fault("broker", $"{address} names no issuer", "give the broker's address; is it a broker?");
        return null;
    }

    /// <summary>The key set of the issuer; null where there is none to look at.</summary>
    public async Task<JsonObject?> ExamineAsync(string issuer, Uri broker, bool isLaptop, CancellationToken stop)
    {
        Form(issuer, isLaptop);
        Spelling(issuer, broker);
        if (!Uri.TryCreate(issuer.TrimEnd('/') + "/", UriKind.Absolute, out var home)
            || home.Scheme is not ("https" or "http")) return null;

        // From here on as AWS does it: from the issuer's address, wherever this program reached the broker.
        if (await FetchAsync("discovery", new Uri(home, WellKnown), "AWS fetches it from the issuer: DNS, firewall "
            + "(port 443 from anywhere) and the proxy's route must lead there", stop) is not { } fetched) return null;
        if (fetched.Json(out var why) is not { } discovery)
        {
            findings.Fault(
                "discovery", $"{fetched.Address} is not JSON: {why}", "serve the broker at the issuer's address");
            return null;
        }

        var named = Text(discovery, "issuer");
        if (named != issuer)
        {
            findings.Fault("issuer", $"{fetched.Address} names the issuer {named}, the broker {issuer}",
                "two brokers, or a cached answer: both must name the same, byte for byte");
        }

        Served("discovery", fetched);
        return await KeySetAsync(discovery, home, stop);
    }

    private async Task<JsonObject?> KeySetAsync(JsonObject discovery, Uri issuer, CancellationToken stop)
    {
        if (Text(discovery, "jwks_uri") is not { } text || !Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            findings.Fault("jwks", "discovery names no jwks_uri", "is this address a broker's?");
            return null;
        }

        if (address.Scheme != issuer.Scheme)
            findings.Fault("jwks", $"{address} is {address.Scheme}, the issuer is not", "serve both by https");
        if (await FetchAsync("jwks", address, "the proxy must serve it beside the discovery document", stop) is not
            { } fetched) return null;
        Served("jwks", fetched);
        if (fetched.Json(out var why) is { } keys) return keys;
        findings.Fault("jwks", $"{address} is not JSON: {why}", "serve the broker at the issuer's address");
        return null;
    }

    private void Form(string issuer, bool isLaptop)
    {
        if (IssuerName.Fault(issuer) is { } fault)
        {
            findings.FaultOffALaptop(isLaptop, "issuer", $"{issuer}: {fault}",
                "set BROKER_OIDC_ISSUER to https://<host>[/<path>], and make the provider in IAM again");
        }
        else
        {
            findings.Ok("issuer", issuer);
        }
    }

    /// <summary>Mistakes that the eye passes over and AWS does not.</summary>
    private void Spelling(string issuer, Uri broker)
    {
        var given = broker.OriginalString.TrimEnd('/');
        if (issuer.Contains('*', StringComparison.Ordinal))
        {
            findings.Fault("spelling", $"the issuer {issuer} has a wildcard in it", "an issuer is one address");
        }
        else if (issuer == given)
        {
            findings.Ok("spelling", "the issuer is the broker's address, byte for byte");
        }
        else if (string.Equals(issuer.TrimEnd('/'), given, StringComparison.OrdinalIgnoreCase))
        {
            findings.Fault(
                "spelling", $"the issuer {issuer} and the address {given} differ in letter case or in a slash",
                "AWS compares byte for byte: write the issuer in one spelling, without a slash at its end");
        }
        else
        {
            findings.Warning("spelling", $"the broker was reached at {given}, and its issuer is {issuer}",
                "right behind a proxy or on an inner address; else set BROKER_OIDC_ISSUER");
        }
    }

    private void Clock(Fetched fetched)
    {
        if (fetched.ClockSkew is not { } skew)
        {
            findings.Warning("clock", "the broker's answer has no Date", "let the proxy pass the header on");
            return;
        }

        var side = skew < TimeSpan.Zero ? "behind" : "before";
        var seconds = $"the broker's clock is {Math.Abs(skew.TotalSeconds):0} s {side} this machine's";
        const string fix = "set both clocks by NTP (timedatectl): AWS refuses tokens that are five minutes off";
        if (skew.Duration() >= AllowedSkew) findings.Fault("clock", seconds, fix);
        else if (skew.Duration() >= Drift) findings.Warning("clock", seconds, fix);
        else findings.Ok("clock", "the broker's clock agrees with this machine's");
    }

    private void Served(string check, Fetched fetched)
    {
        var type = fetched.ContentType;
        if (type is null || (type != "application/json" && !type.EndsWith("+json", StringComparison.Ordinal)))
        {
            findings.Warning(check, $"{fetched.Address} is served as {type ?? "nothing"}",
                "let the proxy pass Content-Type: application/json on");
        }

        var kept = fetched.Caching;
        if (kept?.MaxAge > LongestCaching || (kept is null && check == "jwks"))
        {
            findings.Warning(check, kept is null
                ? $"{fetched.Address} says nothing about caching"
                : $"{fetched.Address} may be kept for {kept.MaxAge}",
                "let the proxy pass the broker's Cache-Control on; a new key is announced an hour before it signs");
        }

        findings.Ok(check, $"{fetched.Address} answers anyone, {fetched.Body.Length} bytes");
    }

    private async Task<Fetched?> FetchAsync(string check, Uri address, string fix, CancellationToken stop)
    {
        try
        {
            var fetched = await client.GetAsync(address, stop);
            if (fetched.Status == 200) return fetched;
            var (found, next) = fetched.Status switch
            {
                >= 300 and < 400 => (
                    $"redirects to {ForeignText.Excerpt(fetched.Location?.ToString() ?? "nowhere", 200)}",
                    "AWS follows no redirect: serve it at this very address"),
                401 or 403 => (
                    $"wants authentication ({fetched.Status})", "AWS has none: open both documents to anyone"),
                503 => ("answers 503", "the proxy has no certificate yet, or no broker behind it"),
                _ => ($"answers {fetched.Status}", fix),
            };
            findings.Fault(check, $"{address} {found}", next);
        }
        catch (HttpRequestException failed)
        {
            findings.Fault(
                check, $"{address} does not answer: {failed.InnerException?.Message ?? failed.Message}", fix);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            findings.Fault(check, $"{address} gives no answer in time", fix);
        }

        return null;
    }

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
