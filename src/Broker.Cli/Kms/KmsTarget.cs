using System.CommandLine;
using Broker.Cli.Terminal;

namespace Broker.Cli.Kms;

/// <summary>Which KMS a command talks to, and how it knows that it is the right one.</summary>
internal sealed class KmsTarget
{
    private readonly Option<string> _url = new("--url")
    {
        Description = "Address of the KMS; default: BROKER_KMS_URL, or https://127.0.0.1:8000",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("BROKER_KMS_URL") is { Length: > 0 } url
            ? url
            : "https://127.0.0.1:8000",
    };

    private readonly Option<FileInfo?> _ca = new("--ca")
    {
        Description = "Root CA certificate (PEM) under which the server must be; default: any, as during onboarding",
    };

    public KmsTarget(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_ca);
    }

    /// <summary>Whether the server has to prove that it is the right one.</summary>
    public bool KnowsServer(ParseResult parsed) => parsed.GetValue(_ca) is not null;

    /// <exception cref="CommandFailedException">The address or the certificate cannot be used.</exception>
    public KmsConnection Connect(ParseResult parsed) =>
        KmsConnection.To(parsed.GetRequiredValue(_url), parsed.GetValue(_ca)?.FullName);
}
