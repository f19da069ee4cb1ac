namespace Broker.Ledger.Witness;

/// <summary>What a witness answers: an HTTP status of C2SP tlog-witness, and a body.</summary>
public sealed record WitnessAnswer(int Status, string Body, string ContentType = "text/plain; charset=utf-8")
{
    /// <summary>200: the cosignature lines.</summary>
    public static WitnessAnswer Cosigned(string lines) => new(200, lines);

    /// <summary>400: the body cannot be read, or its old size is greater than the checkpoint's.</summary>
    public static WitnessAnswer Malformed(string why) => new(400, why + "\n");

    /// <summary>403: no trusted key of the log signed the checkpoint.</summary>
    public static WitnessAnswer NotSigned(string why) => new(403, why + "\n");

    /// <summary>404: the log is not one that this witness watches.</summary>
    public static WitnessAnswer UnknownLog { get; } = new(404, "unknown log\n");

    /// <summary>409: the witness last saw another size, which the body says.</summary>
    public static WitnessAnswer OtherSize(long size) => new(409, $"{size}\n", "text/x.tlog.size");

    /// <summary>422: the tree is not a continuation of the one that the witness saw.</summary>
    public static WitnessAnswer Inconsistent(string why) => new(422, why + "\n");
}
