using System.Text;
using System.Text.RegularExpressions;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Terminal;

namespace Broker.Cli.Setup;

/// <summary>The profiles that <c>brokerctl setup aws</c> writes: one for each role that the caller would get.</summary>
internal static partial class AwsProfiles
{
    /// <summary>The name of a role's profile.</summary>
    public static string NameOf(string prefix, Role role) => $"{prefix}-{role.Name}";

    /// <summary>The sections, each line with its line feed.</summary>
    /// <exception cref="CommandFailedException">A name or region cannot stand in such a file.</exception>
    public static string Write(Uri broker, string prefix, IEnumerable<Role> roles)
    {
        var text = new StringBuilder();
        foreach (var role in roles)
        {
            // They come from a server, and a line feed in one would begin a section of its choice.
            foreach (var word in (string[])[role.Name, role.Region])
            {
                if (!Word().IsMatch(word))
                {
                    throw new CommandFailedException(
                        $"\"{Table.Printable(word)}\" cannot stand in an AWS configuration");
                }
            }

            string[] command =
            [
                .. ThisProgram.Words, "creds", "--role", role.Name, "--broker-url", broker.AbsoluteUri,
                "--format", "credential-process",
            ];
            text.Append(null, $"[profile {NameOf(prefix, role)}]\n");
            text.Append(null, $"region = {role.Region}\n");
            text.Append(null, $"credential_process = {string.Join(' ', command.Select(Quoted))}\n");
        }

        return text.ToString();
    }

    /// <summary>Botocore splits the line as a shell does, others give it to a shell.</summary>
    private static string Quoted(string word) => Plain().IsMatch(word) ? word : CredentialFormat.ForShell(word);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,128}\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z0-9._/:=@+-]+\z")]
    private static partial Regex Plain();
}
