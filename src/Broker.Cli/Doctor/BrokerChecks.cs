using System.Text.Json.Nodes;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Doctor;

/// <summary>The broker itself: alive, ready, and willing to mint for this caller.</summary>
internal sealed class BrokerChecks(Uri address, Findings findings)
{
    public async Task HealthAsync(AwsLikeClient client, CancellationToken stop)
    {
        try
        {
            var health = await client.GetAsync(new Uri(address, "healthz"), stop);
            if (health.Status == 200) findings.Ok("healthz", "the broker is alive");
            else findings.Fault("healthz", $"/healthz answers {health.Status}", "look into the broker's log");
            Ready(await client.GetAsync(new Uri(address, "readyz"), stop));
        }
        catch (Exception failed) when (
            failed is HttpRequestException || (failed is OperationCanceledException && !stop.IsCancellationRequested))
        {
            findings.Fault("healthz", $"no answer: {failed.InnerException?.Message ?? failed.Message}",
                "look into the broker's log");
        }
    }

    /// <summary>A mint that mints nothing; or, where it is asked for, one that does.</summary>
    public async Task CanaryAsync(string? role, bool mint, CancellationToken stop)
    {
        try
        {
            var token = await SessionKeeper.Create().TokenAsync(address, stop);
            using var broker = BrokerConnection.To(address);
            var shown = await broker.PostAsync(
                "v1/mint-aws-creds?dry_run=true", token, new MintAwsBody(role, null, null),
                ClientJson.Default.MintAwsBody, ClientJson.Default.JsonObject, stop);
            foreach (var check in (shown["checks"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (IsTrue(check, "passed")) continue;
                findings.Fault("mint", $"refused by {Text(check, "check")}: {Text(check, "found")}",
                    Text(check, "next_step") ?? "see brokerctl roles");
            }

            if (!IsTrue(shown, "granted")) return;
            if (!mint)
            {
                findings.Ok("mint", "a dry run of every check passes; STS is not asked (--mint asks it)");
                return;
            }

            var minted = await MintCredentials.RunAsync(
                broker, token, new CredentialWish(role, 900, "brokerctl doctor", "us-east-1"), stop);
            findings.Ok("mint", $"STS gave credentials of {minted.Given.RoleArn} for 900 s, on record as "
                + minted.Given.AuditRecordId);
        }
        catch (NotSignedInException none)
        {
            findings.Warning("mint", $"not tried: {none.Message}", none.NextStep);
        }
        catch (BrokerRefusedException refused)
        {
            findings.Fault("mint", refused.Message, Advice(refused));
        }
        catch (CommandFailedException failed)
        {
            findings.Fault("mint", failed.Message, failed.NextStep ?? "look into the broker's log");
        }
    }

    /// <summary>What AWS's refusals come from (contract §14), where the broker's own words do not say it.</summary>
    private static string Advice(BrokerRefusedException refused) =>
        refused.Kind == "sts_error"
            ? "the provider, its audience and the role's trust policy (sts:TagSession, sts:SetSourceIdentity, the "
                + "issuer's spelling): compare with brokerctl iam provider and brokerctl iam trust-policy"
            : refused.NextStep ?? "see brokerctl roles";

    private void Ready(Fetched fetched)
    {
        var body = fetched.Json(out _);
        var checks = (body?["checks"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        foreach (var check in checks)
        {
            var found = $"{Text(check, "name")} is {Text(check, "status")}: {Text(check, "reason")}";
            const string fix = "mend what the reason names; the broker looks again by itself";
            if (Text(check, "status") == "unready") findings.Fault("readyz", found, fix);
            else findings.Warning("readyz", found, fix);
        }

        if (checks.Count > 0) return;
        if (fetched.Status == 200) findings.Ok("readyz", "every part of the broker can do its work");
        else findings.Fault("readyz", $"/readyz answers {fetched.Status}", "look into the broker's log");
    }

    private static bool IsTrue(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue<bool>(out var holds) && holds;

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue<string>(out var text)
            ? ForeignText.Excerpt(text, 300)
            : null;
}
