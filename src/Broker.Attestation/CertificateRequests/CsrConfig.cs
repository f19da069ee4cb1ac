using Broker.Attestation.Codecs;

namespace Broker.Attestation.CertificateRequests;

/// <summary>What a guest wants in its certificate (kms-protocol §4.8); times are Unix seconds.</summary>
public sealed record CsrConfig(
    string? OrgName,
    string Subject,
    IReadOnlyList<string> SubjectAltNames,
    bool UsageServerAuth,
    bool UsageClientAuth,
    bool ExtQuote,
    bool ExtAppInfo = false,
    ulong? NotBefore = null,
    ulong? NotAfter = null)
{
    internal static CsrConfig ReadV1(ref ScaleReader reader) => new(
        reader.ReadOption() ? reader.ReadString() : null,
        reader.ReadString(),
        ReadNames(ref reader),
        reader.ReadBoolean(),
        reader.ReadBoolean(),
        reader.ReadBoolean());

    internal static CsrConfig ReadV2(ref ScaleReader reader) => ReadV1(ref reader) with
    {
        ExtAppInfo = reader.ReadBoolean(),
        NotBefore = reader.ReadOption() ? reader.ReadUInt64() : null,
        NotAfter = reader.ReadOption() ? reader.ReadUInt64() : null,
    };

    internal void WriteV1(ScaleWriter writer)
    {
        writer.WriteBoolean(OrgName is not null);
        if (OrgName is not null) writer.WriteString(OrgName);
        writer.WriteString(Subject);
        writer.WriteLength(SubjectAltNames.Count);
        foreach (var name in SubjectAltNames) writer.WriteString(name);
        writer.WriteBoolean(UsageServerAuth);
        writer.WriteBoolean(UsageClientAuth);
        writer.WriteBoolean(ExtQuote);
    }

    internal void WriteV2(ScaleWriter writer)
    {
        WriteV1(writer);
        writer.WriteBoolean(ExtAppInfo);
        WriteTime(writer, NotBefore);
        WriteTime(writer, NotAfter);
    }

    private static void WriteTime(ScaleWriter writer, ulong? time)
    {
        writer.WriteBoolean(time is not null);
        if (time is { } seconds) writer.WriteUInt64(seconds);
    }

    private static List<string> ReadNames(ref ScaleReader reader)
    {
        var count = reader.ReadLength(1);
        var names = new List<string>();
        for (var i = 0; i < count && !reader.Failed; i++) names.Add(reader.ReadString());
        return names;
    }
}
