using System.CommandLine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Client;

/// <summary>
/// Which broker a command talks to: <c>--broker-url</c>, else <c>AGENTKEYS_BROKER_URL</c>, else the broker of the last
/// sign-in, else the one of a laptop. Session tokens go there, so plain <c>http</c> does for loopback alone.
/// </summary>
internal static class BrokerAddress
{
    public const string Variable = "AGENTKEYS_BROKER_URL";
    public const string OnALaptop = "http://127.0.0.1:8091";

    public static Option<string?> Option() => new("--broker-url")
    {
        Description = $"the broker's address; {Variable} when left out",
        HelpName = "URL",
    };

    /// <param name="given">Of the option.</param>
    /// <param name="lastSignIn">Of the stored sessions; null where there is none.</param>
    /// <exception cref="CommandFailedException">It is no address, or a token would go there in clear.</exception>
    public static Uri Of(string? given, Func<string?> lastSignIn)
    {
        var (text, source) = (given, "--broker-url");
        if (string.IsNullOrEmpty(text)) (text, source) = (Environment.GetEnvironmentVariable(Variable), Variable);
        if (string.IsNullOrEmpty(text)) (text, source) = (lastSignIn() ?? OnALaptop, "the last sign-in's address");
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address)
            || address.Scheme is not ("https" or "http")
            || address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            throw new CommandFailedException(
                $"{source}: \"{text}\" is not an address of the form https://host[:port][/path]", ExitCode.Misuse);
        }

        if (address.Scheme == "http" && !address.IsLoopback)
        {
            throw new CommandFailedException(
                $"{source}: {text} would carry session tokens in clear; use https, or http on loopback",
                ExitCode.Misuse);
        }

        return address;
    }
}
