using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Roles;

/// <summary>
/// <c>brokerctl explain</c>: would I get these credentials, and why? The broker's dry run, which releases nothing. It
/// ends with 1 where the answer is no.
/// </summary>
internal static class ExplainCommand
{
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var shared = new ClientOptions();
        var wanted = new CredentialOptions();
        var command = new Command("explain", "Whether you would get credentials, check by check, and what to change");
        wanted.AddTo(command);
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var wish = wanted.Wish(parsed);
            var token = await SessionKeeper.Create().TokenAsync(url, stop);
            using var broker = BrokerConnection.To(url);
            var explanation = Explanation.Of(await broker.PostAsync(
                "v1/mint-aws-creds?dry_run=true", token, new MintAwsBody(wish.Role, wish.LifetimeSeconds, wish.Reason),
                ClientJson.Default.MintAwsBody, ClientJson.Default.Rehearsal, stop));
            var output = parsed.InvocationConfiguration.Output;
            if (shared.IsJson(parsed)) JsonOutput.Write(output, explanation, RolesJson.Indented.Explanation);
            else Write(explanation, output);
            return explanation.Granted ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static void Write(Explanation explanation, TextWriter output)
    {
        var checks = new Table("CHECK", "RESULT", "FOUND");
        foreach (var check in explanation.Checks)
            checks.Add(check.Check, check.Passed ? "ok" : "REFUSED", check.Found);
        checks.Write(output);
        foreach (var check in explanation.Checks.Where(one => !one.Passed)) WriteRefusal(check, output);
        output.WriteLine();
        output.WriteLine(explanation.Granted ? "granted" : "not granted");
        if (explanation is { Granted: true, RoleArn: { } arn }) WriteGrant(explanation, arn, output);
    }

    private static void WriteRefusal(ExplainedCheck check, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(Table.Printable($"{check.Check}: {check.Found} ({check.Code})"));
        output.WriteLine(Table.Printable($"  next: {check.NextStep}"));
        if (check.Change is { } change) output.WriteLine($"  the operator can: {change}");
    }

    private static void WriteGrant(Explanation explanation, string arn, TextWriter output)
    {
        output.WriteLine();
        var grant = new Table("CREDENTIALS", "");
        grant.Add("role", arn);
        if (explanation.ViaRoleArn is { } via) grant.Add("by way of", via);
        grant.Add("lifetime", string.Create(CultureInfo.InvariantCulture, $"{explanation.DurationSeconds} s"));
        grant.Add("sts", explanation.StsMode ?? "");
        grant.Write(output);
        if (explanation.Tags is { Count: > 0 } tags)
        {
            output.WriteLine();
            var table = new Table("SESSION TAG", "VALUE");
            foreach (var (key, value) in tags) table.Add(key, value);
            table.Write(output);
        }

        output.WriteLine();
        output.WriteLine(explanation.SessionPolicy is { ValueKind: JsonValueKind.Object } policy
            ? $"SESSION POLICY\n{Indent(policy)}"
            : "SESSION POLICY\nnone: the role's own policy alone decides");
        output.WriteLine();
        output.WriteLine("Not asked here: AWS. The role's trust policy must allow "
            + $"{string.Join(", ", explanation.TrustPolicyActions ?? [])}.");
    }

    private static string Indent(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable)) json.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
