using System.Globalization;
using System.Text;
using System.Text.Json;
using Broker.Cli.Client;
using Broker.Foundation;

namespace Broker.Cli.Credentials;

/// <summary>Credentials of one role, ready for a client of AWS.</summary>
/// <param name="Wallet">In lower case; the actor's omni where there is no wallet.</param>
internal sealed record RoleCredentials(AwsCredentials Given, string Region, string Wallet)
{
    /// <summary>The six variables of contract §11.1.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables =>
    [
        new("AWS_ACCESS_KEY_ID", Given.AccessKeyId),
        new("AWS_SECRET_ACCESS_KEY", Given.SecretAccessKey),
        new("AWS_SESSION_TOKEN", Given.SessionToken),
        new("AWS_REGION", Region),
        new("AWS_DEFAULT_REGION", Region),
        new("AGENTKEYS_USER_WALLET", Wallet),
    ];
}

/// <summary>How credentials are printed.</summary>
internal static class CredentialFormat
{
    public static readonly string[] Names = ["env", "json", "credential-process", "dotenv", "powershell"];

    /// <exception cref="ArgumentException">The name is none of <see cref="Names"/>.</exception>
    public static string Write(RoleCredentials credentials, string format) => format switch
    {
        "env" => Lines(credentials, (name, value) => $"export {name}={ForShell(value)}"),
        "dotenv" => Lines(credentials, (name, value) => $"{name}={ForDotenv(value)}"),
        "powershell" => Lines(credentials, (name, value) => $"$Env:{name} = {ForPowerShell(value)}"),
        "credential-process" => Json(json => WriteProcess(json, credentials.Given)),
        "json" => Json(json => WriteAll(json, credentials)),
        _ => throw new ArgumentException($"internal error: no format {format}"),
    };

    /// <summary>POSIX: between single quotes all stands for itself; a single quote ends them, and is escaped.</summary>
    public static string ForShell(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Null where the ARN has no account of AWS.</summary>
    public static string? AccountOf(string arn) =>
        arn.Split(':') is [_, _, _, _, { Length: 12 } account, ..] ? account : null;

    private static string ForPowerShell(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>In single quotes no reader of dotenv expands anything, and none knows an escape; we need none.</summary>
    private static string ForDotenv(string value) => value.Contains('\'', StringComparison.Ordinal)
        ? $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : $"'{value}'";

    private static string Lines(RoleCredentials credentials, Func<string, string, string> line) =>
        string.Concat(credentials.Variables.Select(one => line(one.Key, one.Value) + "\n"));

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, StrictJson.WriterOptions with { Indented = true }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>AWS SDKs and Tools Reference Guide, "Process credential provider".</summary>
    private static void WriteProcess(Utf8JsonWriter json, AwsCredentials given)
    {
        json.WriteNumber("Version", 1);
        json.WriteString("AccessKeyId", given.AccessKeyId);
        json.WriteString("SecretAccessKey", given.SecretAccessKey);
        json.WriteString("SessionToken", given.SessionToken);
        json.WriteString("Expiration", Moment(given));
        if (AccountOf(given.RoleArn) is { } account) json.WriteString("AccountId", account);
    }

    private static void WriteAll(Utf8JsonWriter json, RoleCredentials credentials)
    {
        var given = credentials.Given;
        json.WriteString("access_key_id", given.AccessKeyId);
        json.WriteString("secret_access_key", given.SecretAccessKey);
        json.WriteString("session_token", given.SessionToken);
        json.WriteString("expires_at", Moment(given));
        json.WriteString("region", credentials.Region);
        json.WriteString("role_arn", given.RoleArn);
        json.WriteString("wallet", credentials.Wallet);
        json.WriteString("audit_record_id", given.AuditRecordId);
    }

    private static string Moment(AwsCredentials given) =>
        given.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
