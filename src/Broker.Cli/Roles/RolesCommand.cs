using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Roles;

/// <summary><c>brokerctl roles</c>: what the caller may do, as the broker's own release checks say.</summary>
internal static class RolesCommand
{
    public static Command Create()
    {
        var shared = new ClientOptions();
        var command = new Command("roles", "What you may do: the roles, their lifetimes and limits");
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var token = await SessionKeeper.Create().TokenAsync(url, stop);
            using var broker = BrokerConnection.To(url);
            var roles = await broker.GetAsync("v1/roles", token, ClientJson.Default.Roles, stop);
            var output = parsed.InvocationConfiguration.Output;
            if (shared.IsJson(parsed)) JsonOutput.Write(output, roles, RolesJson.Indented.Roles);
            else Write(roles, output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Client.Roles roles, TextWriter output)
    {
        output.WriteLine($"actor   {Table.Printable(roles.ActorOmni)}");
        if (roles.Wallet is { } wallet) output.WriteLine($"wallet  {Table.Printable(wallet)}");
        output.WriteLine(roles.MintsPerHour is { } most
            ? string.Create(CultureInfo.InvariantCulture, $"mints   {roles.MintsThisHour ?? 0} of {most} this hour")
            : "mints   no limit");
        output.WriteLine();
        var table = new Table("ROLE", "GRANTED", "LIFETIME", "REGION", "MAY REACH", "ARN");
        foreach (var role in roles.All)
        {
            table.Add(
                role.IsDefault ? $"{role.Name} (default)" : role.Name, role.Granted ? "yes" : "no",
                string.Create(
                    CultureInfo.InvariantCulture, $"{role.DurationSeconds} s, at most {role.MaxDurationSeconds} s"),
                role.Region, Reach(role), role.Via is { } via ? $"{role.Arn} by way of {via}" : role.Arn);
        }

        table.Write(output);
        foreach (var role in roles.All.Where(one => one.Refusal is not null)) WriteRefusal(role, output);
    }

    private static string Reach(Role role) => role switch
    {
        { Bucket: null } => "what the role allows",
        { Prefixes.Count: 0 } => $"s3://{role.Bucket}, what the role allows",
        _ => string.Join(", ", role.Prefixes.Select(prefix => $"s3://{role.Bucket}/{prefix}")),
    };

    private static void WriteRefusal(Role role, TextWriter output)
    {
        var refusal = role.Refusal!;
        output.WriteLine();
        output.WriteLine(Table.Printable($"{role.Name}: {refusal.Message} ({refusal.Code})"));
        output.WriteLine(Table.Printable($"  next: {refusal.NextStep}"));
        if (Remedy.Of(refusal.Code, refusal.Message) is { } change) output.WriteLine($"  the operator can: {change}");
    }
}

[JsonSerializable(typeof(Client.Roles))]
[JsonSerializable(typeof(Explanation))]
internal sealed partial class RolesJson : JsonSerializerContext
{
    public static RolesJson Indented { get; } = new(new(JsonOutput.Indented)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
