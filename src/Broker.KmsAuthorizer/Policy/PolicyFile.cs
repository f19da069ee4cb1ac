using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation;

namespace Broker.KmsAuthorizer.Policy;

/// <summary>
/// A policy, or why the file holds none. No <c>Result</c>: nobody is refused for it, the log alone says it.
/// </summary>
internal sealed record PolicyReading(BootPolicy? Policy, string Fault);

/// <summary>
/// Reads <c>auth-config.json</c>. A file that is missing, too large, half written, not JSON, or holds a member of the
/// wrong type, a null or a member twice, is not a policy at all: no part of it is used.
/// <see cref="PolicyMembers"/> says which unknown members make it none too.
/// </summary>
internal static class PolicyFile
{
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        Converters = { new TextListConverter(), new AppRulesConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonTypeInfo<BootPolicy> Form =
        (JsonTypeInfo<BootPolicy>)Strict.GetTypeInfo(typeof(BootPolicy));

    public static async Task<PolicyReading> ReadAsync(string path, CancellationToken stop)
    {
        try
        {
            await using var file = File.OpenRead(path);
            if (!file.CanSeek) return new PolicyReading(null, "is not a regular file");
            if (file.Length > MaxBytes) return new PolicyReading(null, $"is larger than {MaxBytes} bytes");

            // One byte more than the length: a file that grew meanwhile is being written right now.
            var buffer = new byte[file.Length + 1];
            var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop);
            return length < buffer.Length
                ? Parse(buffer.AsMemory(0, length))
                : new PolicyReading(null, "changed while it was read");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new PolicyReading(null, unreadable.Message);
        }
    }

    public static PolicyReading Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = StrictJson.Parse(json);
            if (PolicyMembers.Fault(document.RootElement) is { } fault) return new PolicyReading(null, fault);
            return document.RootElement.Deserialize(Form) is { } policy
                ? new PolicyReading(policy, "")
                : new PolicyReading(null, "is null");
        }
        catch (JsonException malformed)
        {
            return new PolicyReading(null, malformed.Message);
        }
    }
}
