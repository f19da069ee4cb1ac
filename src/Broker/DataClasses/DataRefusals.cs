using System.Collections.Frozen;
using System.Text.Json;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.DataClasses;

/// <summary>Why a data-class service refuses; the codes are the contract's reasons (§11.5) where it has one.</summary>
internal static class DataRefusals
{
    private const string ThreeHeaders =
        "Send X-Aws-Access-Key-Id, X-Aws-Secret-Access-Key and X-Aws-Session-Token of POST /v1/mint-aws-creds.";

    private const string Backend = "backend_unreachable";

    public static readonly RefusalCode PlaintextDecode = Refused.BadRequest(
        "plaintext_b64_decode", "Send plaintext_b64 in base64 (RFC 4648 §4).");

    public static readonly RefusalCode StsIncomplete = Refused.Unauthorized("sts_headers_incomplete", ThreeHeaders);
    public static readonly RefusalCode StsRequired = Refused.Unauthorized("sts_headers_required", ThreeHeaders);

    public static readonly RefusalCode ConfigNotMasterSelf = Refused.Forbidden(
        "config_not_master_self", "Ask as the master: actor_omni is operator_omni.");

    public static readonly RefusalCode NotStored = new(
        "data_not_stored", "bad_request", Status404NotFound, "Store it first, or name the service that was stored.",
        null);

    public static readonly RefusalCode RateLimited = Refused.RateLimited("data_rate_limited");

    public static readonly RefusalCode S3Put = OfS3("s3_put");
    public static readonly RefusalCode S3Get = OfS3("s3_get");
    public static readonly RefusalCode S3List = OfS3("s3_list");
    public static readonly RefusalCode S3Body = OfS3("s3_body");
    public static readonly RefusalCode S3Delete = OfS3("s3_delete");

    public static readonly RefusalCode EnvelopeDecrypt = new(
        "envelope_decrypt", "internal", Status500InternalServerError,
        "Store the data again; ask the operator whether the key of this class was changed.",
        LedgerOutcome.BackendError);

    /// <summary>Every code of these services.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        PlaintextDecode, StsIncomplete, StsRequired, ConfigNotMasterSelf, NotStored, RateLimited, S3Put, S3Get, S3List,
        S3Body, S3Delete, EnvelopeDecrypt,
    ];

    private static RefusalCode OfS3(string text) =>
        new(text, Backend, Status502BadGateway, Refused.AskOperator, LedgerOutcome.BackendError);
}

/// <summary>
/// The error body of the services (contract §11.5): <c>{"error":"&lt;text&gt;","reason":"&lt;code&gt;"}</c>. The
/// reason is the stable code, <c>s3_get</c> for what is not there, and <c>invalid_input</c> for a body that cannot be
/// read.
/// </summary>
internal sealed class DataErrorShape : IErrorShape
{
    public static readonly DataErrorShape Instance = new();

    private static readonly FrozenSet<RefusalCode> Unreadable = HttpRefusals.All
        .Where(code => code.Status is Status400BadRequest or Status413PayloadTooLarge or Status415UnsupportedMediaType)
        .ToFrozenSet();

    public int StatusOf(RefusalCode code) => code.Status;

    /// <summary>What a 401 asks for here are not bearers.</summary>
    public string ChallengeOf(HttpContext http) => "X-Aws-Credentials";

    public void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteString("error"u8, refusal.Detail);
        json.WriteString("reason"u8, ReasonOf(refusal.Code));
    }

    private static string ReasonOf(RefusalCode code)
    {
        if (Unreadable.Contains(code)) return "invalid_input";
        return code == DataRefusals.NotStored ? DataRefusals.S3Get.Text : code.Text;
    }
}
