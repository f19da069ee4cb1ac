using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Simulation;

/// <summary>
/// TCB info and QE identity of the simulated platform family, in the compact JSON that Intel sends. TCB info has one
/// level for each status, told apart by the first SGX component; a machine chooses its status by its certificate.
/// </summary>
internal static class SimulatedCollateral
{
    public const ushort QeIsvSvn = 6;
    public const byte ModuleMajor = 1;
    public const byte ModuleMinor = 6;
    public const byte LateMicrocode = 4;

    private const int EvaluationDataNumber = 20;
    private const byte LowestSvn = 4;

    /// <summary>MRSIGNER of Intel's TD quoting enclave: verifiers that know it shall find it.</summary>
    public const string QeMrSigner = "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5";

    private static readonly string Zeros48 = new('0', 96);

    // Highest first, as Intel sends them.
    private static readonly TcbStatus[] Ladder =
    [
        TcbStatus.UpToDate, TcbStatus.SWHardeningNeeded, TcbStatus.ConfigurationNeeded,
        TcbStatus.ConfigurationAndSWHardeningNeeded, TcbStatus.OutOfDate, TcbStatus.OutOfDateConfigurationNeeded,
        TcbStatus.Revoked,
    ];

    /// <summary>The first SGX component of a machine that shall have this status.</summary>
    /// <exception cref="ArgumentException">A status that no platform level has (<c>TDRelaunchAdvised…</c>).</exception>
    public static byte SvnFor(TcbStatus status)
    {
        var rung = Array.IndexOf(Ladder, status);
        return rung >= 0
            ? (byte)(LowestSvn + Ladder.Length - 1 - rung)
            : throw new ArgumentException($"{status} is not the status of a platform", nameof(status));
    }

    public static string TcbInfo(DateTimeOffset issueDate, DateTimeOffset nextUpdate) => Write(json =>
    {
        json.WriteString("id", "TDX");
        json.WriteNumber("version", 3);
        WriteDates(json, issueDate, nextUpdate);
        json.WriteString("fmspc", Convert.ToHexString(SimulatedPlatform.Fmspc.Span));
        json.WriteString("pceId", "0000");
        json.WriteNumber("tcbType", 0);
        json.WriteNumber("tcbEvaluationDataNumber", EvaluationDataNumber);
        json.WriteStartObject("tdxModule");
        WriteModule(json);
        json.WriteEndObject();
        json.WriteStartArray("tdxModuleIdentities");
        json.WriteStartObject();
        json.WriteString("id", $"TDX_{ModuleMajor:X2}");
        WriteModule(json);
        WriteIsvLevels(json, ModuleMinor);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("tcbLevels");
        foreach (var status in Ladder) WriteLevel(json, status);
        json.WriteEndArray();
    });

    public static string QeIdentity(DateTimeOffset issueDate, DateTimeOffset nextUpdate) => Write(json =>
    {
        json.WriteString("id", "TD_QE");
        json.WriteNumber("version", 2);
        WriteDates(json, issueDate, nextUpdate);
        json.WriteNumber("tcbEvaluationDataNumber", EvaluationDataNumber);
        json.WriteString("miscselect", "00000000");
        json.WriteString("miscselectMask", "FFFFFFFF");
        json.WriteString("attributes", "11000000000000000000000000000000");
        json.WriteString("attributesMask", "FBFFFFFFFFFFFFFF0000000000000000");
        json.WriteString("mrsigner", QeMrSigner);
        json.WriteNumber("isvprodid", 2);
        WriteIsvLevels(json, QeIsvSvn);
    });

    private static void WriteDates(Utf8JsonWriter json, DateTimeOffset issueDate, DateTimeOffset nextUpdate)
    {
        json.WriteString("issueDate", Date(issueDate));
        json.WriteString("nextUpdate", Date(nextUpdate));
    }

    private static void WriteModule(Utf8JsonWriter json)
    {
        json.WriteString("mrsigner", Zeros48);
        json.WriteString("attributes", "0000000000000000");
        json.WriteString("attributesMask", "FFFFFFFFFFFFFFFF");
    }

    private static void WriteIsvLevels(Utf8JsonWriter json, ushort isvSvn)
    {
        json.WriteStartArray("tcbLevels");
        json.WriteStartObject();
        json.WriteStartObject("tcb");
        json.WriteNumber("isvsvn", isvSvn);
        json.WriteEndObject();
        json.WriteString("tcbDate", "2025-05-14T00:00:00Z");
        json.WriteString("tcbStatus", nameof(TcbStatus.UpToDate));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteLevel(Utf8JsonWriter json, TcbStatus status)
    {
        json.WriteStartObject();
        json.WriteStartObject("tcb");
        WriteComponents(json, "sgxtcbcomponents", [SvnFor(status)]);
        json.WriteNumber("pcesvn", PckExtensionWriter.PceSvn);
        WriteComponents(json, "tdxtcbcomponents", [0, 0, LateMicrocode]);
        json.WriteEndObject();
        json.WriteString("tcbDate", status == TcbStatus.UpToDate ? "2025-05-14T00:00:00Z" : "2024-03-13T00:00:00Z");
        json.WriteString("tcbStatus", status.ToString());
        if (status != TcbStatus.UpToDate)
        {
            json.WriteStartArray("advisoryIDs");
            json.WriteStringValue("INTEL-SA-00000");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter json, string name, ReadOnlySpan<byte> leading)
    {
        json.WriteStartArray(name);
        for (var i = 0; i < 16; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("svn", i < leading.Length ? leading[i] : 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Date(DateTimeOffset instant)
        => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
