using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Broker.Cli.Credentials;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Running;

/// <summary>What the endpoint's process tells whoever started it, on one line.</summary>
/// <param name="Token">What the endpoint wants as <c>Authorization</c>.</param>
internal sealed record ReadyEndpoint(string Address, string Token, string Region, string Wallet)
{
    public override string ToString() => Address;
}

/// <summary>
/// Starts this program again as the endpoint's own process, for the command takes the place of this one. A shell stands
/// between, so that the endpoint is no child of the command, which may wait for all its children.
/// </summary>
internal static class CredentialsHelper
{
    private const string InBackground = "exec 3<&0; \"$@\" <&3 3<&- &";

    /// <returns>The command's variables, once the endpoint listens and holds credentials.</returns>
    /// <exception cref="CommandFailedException">It has none; its own line on stderr says why.</exception>
    public static async Task<IEnumerable<KeyValuePair<string, string>>> StartAsync(
        Uri url, CredentialWish wish, CancellationToken stop)
    {
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", InBackground, "sh", .. ThisProgram.Words, .. Arguments(url, wish)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var shell = Process.Start(start)!;
        shell.StandardInput.Close();
        await shell.WaitForExitAsync(stop);
        var line = await shell.StandardOutput.ReadLineAsync(stop);
        if (string.IsNullOrEmpty(line)) throw new EndpointFailedException();
        var ready = StrictJson.Deserialize(Encoding.UTF8.GetBytes(line), EndpointJson.Default.ReadyEndpoint);
        return
        [
            new(AwsVariables.EndpointAddress, ready.Address), new(AwsVariables.EndpointToken, ready.Token),
            new("AWS_REGION", ready.Region), new("AWS_DEFAULT_REGION", ready.Region),
            new("AGENTKEYS_USER_WALLET", ready.Wallet),
        ];
    }

    private static IEnumerable<string> Arguments(Uri url, CredentialWish wish)
    {
        yield return ServeCredentialsCommand.Name;
        yield return string.Create(CultureInfo.InvariantCulture, $"--for-process={Environment.ProcessId}");
        yield return $"--broker-url={url.AbsoluteUri}";
        if (wish.Role is { } role) yield return $"--role={role}";
        if (wish.LifetimeSeconds is { } seconds)
            yield return string.Create(CultureInfo.InvariantCulture, $"--duration={seconds}");
        if (wish.Reason is { } reason) yield return $"--reason={reason}";
        if (wish.Region is { } region) yield return $"--region={region}";
    }
}

/// <summary>The endpoint's process said on stderr what is wrong; nothing is left to say.</summary>
internal sealed class EndpointFailedException() : CommandFailedException("the credentials endpoint did not start");

[JsonSerializable(typeof(ReadyEndpoint))]
[JsonSerializable(typeof(EndpointCredentials))]
[JsonSerializable(typeof(EndpointRefusal))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class EndpointJson : JsonSerializerContext;
