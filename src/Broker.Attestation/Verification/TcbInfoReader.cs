using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// Reads TCB info of version 3 strictly: all fields, exact lengths, no repeated names; unknown names are passed over.
/// </summary>
internal static class TcbInfoReader
{
    private const int Version = 3;
    private const int ComponentCount = 16;

    private static readonly TcbStatus[] Allowed =
    [
        TcbStatus.UpToDate, TcbStatus.SWHardeningNeeded, TcbStatus.ConfigurationNeeded,
        TcbStatus.ConfigurationAndSWHardeningNeeded, TcbStatus.OutOfDate, TcbStatus.OutOfDateConfigurationNeeded,
        TcbStatus.Revoked,
    ];

    /// <summary>
    /// The TCB info in a text whose signature has been verified; null after refusing it as <c>TCB_INFO</c> (schema) or
    /// <c>TCB_INFO_MISMATCH</c> (another TEE, version or TCB type). Its dates are left to the caller.
    /// </summary>
    public static TcbInfo? Read(Examination examination, ReadOnlyMemory<byte> utf8, TeeType tee)
    {
        var json = new SignedJson();
        if (json.Parse(utf8) is not { } root) return Refuse(examination, json.Fault!);

        // Another TEE's TCB info has another schema, so say first that it is another's.
        var version = json.Integer(root, "version", int.MaxValue);
        if (json.Fault is null && version != Version) return Mismatch(examination, $"version {version}");
        var id = json.Text(root, "id");
        if (json.Fault is null && id != (tee == TeeType.Tdx ? "TDX" : "SGX")) return Mismatch(examination, "id");
        var tcbType = json.Integer(root, "tcbType", int.MaxValue);
        if (json.Fault is null && tcbType != 0) return Mismatch(examination, $"tcbType {tcbType}");

        var tcbInfo = new TcbInfo
        {
            IssueDate = json.Date(root, "issueDate"),
            NextUpdate = json.Date(root, "nextUpdate"),
            Fmspc = json.Hex(root, "fmspc", 6),
            PceId = json.Hex(root, "pceId", 2),
            TcbEvaluationDataNumber = json.Integer(root, "tcbEvaluationDataNumber", int.MaxValue),
            TdxModule = tee == TeeType.Tdx ? ReadModule(json, json.Object(root, "tdxModule")) : null,
            TdxModuleIdentities = tee == TeeType.Tdx ? ReadModuleIdentities(json, root) : [],
            Levels = ReadLevels(json, root, tee),
        };
        return json.Fault is { } fault ? Refuse(examination, fault) : tcbInfo;
    }

    private static TdxModule ReadModule(SignedJson json, JsonElement element)
        => new(json.Hex(element, "mrsigner", 48), json.Hex(element, "attributes", 8));

    private static ImmutableArray<TdxModuleIdentity> ReadModuleIdentities(SignedJson json, JsonElement root)
    {
        if (!root.TryGetProperty("tdxModuleIdentities", out _)) return [];

        var identities = ImmutableArray.CreateBuilder<TdxModuleIdentity>();
        foreach (var element in json.Objects(root, "tdxModuleIdentities", IsvLevelReader.Most))
        {
            identities.Add(new TdxModuleIdentity(
                json.Text(element, "id").ToUpper(CultureInfo.InvariantCulture),
                ReadModule(json, element),
                IsvLevelReader.Read(json, element)));
        }

        return identities.ToImmutable();
    }

    private static ImmutableArray<TcbLevel> ReadLevels(SignedJson json, JsonElement root, TeeType tee)
    {
        var levels = new List<TcbLevel>();
        foreach (var element in json.Objects(root, "tcbLevels", IsvLevelReader.Most))
        {
            var tcb = json.Object(element, "tcb");
            levels.Add(new TcbLevel(
                ReadComponents(json, tcb, "sgxtcbcomponents"),
                (ushort)json.Integer(tcb, "pcesvn", ushort.MaxValue),
                tee == TeeType.Tdx ? ReadComponents(json, tcb, "tdxtcbcomponents") : [],
                json.Status(element, "tcbStatus", Allowed),
                json.Date(element, "tcbDate"),
                json.OptionalTexts(element, "advisoryIDs", IsvLevelReader.Most)));
        }

        if (json.Fault is not null) return [];
        levels.Sort(TcbLevel.CompareDescending);
        for (var i = 1; i < levels.Count; i++)
        {
            if (TcbLevel.CompareDescending(levels[i - 1], levels[i]) == 0) json.Fail("duplicate TCB level");
        }

        return [.. levels];
    }

    private static ImmutableArray<byte> ReadComponents(SignedJson json, JsonElement tcb, string name)
    {
        var elements = json.Objects(tcb, name, ComponentCount);
        if (elements.Length != ComponentCount) json.Fail(name);

        var components = ImmutableArray.CreateBuilder<byte>(ComponentCount);
        foreach (var element in elements) components.Add((byte)json.Integer(element, "svn", byte.MaxValue));
        return components.ToImmutable();
    }

    private static TcbInfo? Refuse(Examination examination, string fault)
    {
        examination.Refuse(QuoteRefusalReason.TcbInfo, $"TCB info: {fault}");
        return null;
    }

    private static TcbInfo? Mismatch(Examination examination, string what)
    {
        examination.Refuse(QuoteRefusalReason.TcbInfoMismatch, $"TCB info is for another TEE or format: {what}");
        return null;
    }
}
