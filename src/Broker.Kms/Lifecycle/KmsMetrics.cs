using System.Text;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Lifecycle;

/// <summary>
/// The two counters that dstack's dashboards read: calls of the methods that need evidence, and how many failed.
/// </summary>
internal sealed class KmsMetrics
{
    private static readonly string[] Counted = ["GetAppKey", "GetKmsKey", "SignCert"];

    private long _requests;
    private long _failures;

    /// <summary>Counts an answered request, also one that failed before it was dispatched.</summary>
    public void Count(PathString path, int status)
    {
        if (!path.StartsWithSegments("/prpc", out var rest) || !rest.HasValue) return;
        var method = rest.Value![1..];
        if (method.StartsWith("KMS.", StringComparison.Ordinal)) method = method[4..];
        if (!Counted.Contains(method)) return;

        Interlocked.Increment(ref _requests);
        if (status >= StatusCodes.Status400BadRequest) Interlocked.Increment(ref _failures);
    }

    /// <summary>The Prometheus text format.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        Write(text, "requests", "Total number of KMS attestation requests.", ref _requests);
        Write(text, "failures", "Total number of failed KMS attestation requests.", ref _failures);
        return text.ToString();
    }

    private static void Write(StringBuilder text, string what, string help, ref long value)
    {
        var name = $"dstack_kms_attestation_{what}_total";
        text.Append($"# HELP {name} {help}\n# TYPE {name} counter\n{name} {Interlocked.Read(ref value)}\n");
    }
}
