using System.Text.Json;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Clients;

/// <summary>Keys that an AWS client signs with.</summary>
internal sealed record AwsKeys(string AccessKeyId, string SecretAccessKey, string? SessionToken = null)
{
    /// <summary>The credentials of an answer of <c>POST /v1/mint-aws-creds</c>.</summary>
    public static AwsKeys From(Answer minted) =>
        new(minted.Text("access_key_id"), minted.Text("secret_access_key"), minted.Text("session_token"));
}

/// <summary>
/// Debian's AWS command line, a process for each call; the keys go by environment, never as arguments. Named by its
/// path because other tools of that name may come first in <c>PATH</c>.
/// </summary>
internal sealed class AwsCli(Uri endpoint, IReadOnlyDictionary<string, string?> credentials)
{
    private const string Program = "/usr/bin/aws";

    public AwsCli(Uri endpoint, AwsKeys keys)
        : this(endpoint, new Dictionary<string, string?>
        {
            ["AWS_ACCESS_KEY_ID"] = keys.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = keys.SecretAccessKey,
            ["AWS_SESSION_TOKEN"] = keys.SessionToken,
        })
    {
    }

    /// <summary>With these variables for all that it knows of credentials.</summary>
    public static AwsCli WithEnvironment(Uri endpoint, params (string Name, string Value)[] variables) =>
        new(endpoint, variables.ToDictionary(one => one.Name, one => (string?)one.Value));

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(
        Program,
        ["--endpoint-url", endpoint.AbsoluteUri, "--no-cli-pager", "--output", "json", .. arguments],
        new Dictionary<string, string?>(credentials)
        {
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = "/dev/null",
            ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_MAX_ATTEMPTS"] = "1",
            ["AWS_PROFILE"] = null,
            ["PYTHONPATH"] = null,
        });

    /// <summary>The JSON that a call which had to succeed printed.</summary>
    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var output = (await RunAsync(arguments)).OrThrow();
        return output.Length == 0 ? default : JsonElement.Parse(output);
    }

    /// <summary>
    /// The call had to fail because S3 said <c>AccessDenied</c>. radosgw says it without a message, over which this
    /// version of the command line stumbles ("argument of type 'NoneType' is not iterable"), so the answer is read from
    /// its trace.
    /// </summary>
    public async Task IsDeniedAsync(params string[] arguments)
    {
        var result = await RunAsync(["--debug", .. arguments]);
        result.Succeeded.ShouldBeFalse($"was allowed: {result.Line}");
        result.Error.Contains("<Code>AccessDenied</Code>", StringComparison.Ordinal)
            .ShouldBeTrue($"failed for another reason: {result.Line}");
    }
}
