using Amazon.Runtime;

namespace Broker.Mail.Ses;

/// <summary>A call of SES v2's REST interface, as the SDK's pipeline carries it.</summary>
/// <param name="operation">SES's own name of it.</param>
/// <param name="path">Below the endpoint; <c>{Identity}</c> in it stands for <see cref="Identity"/>.</param>
internal sealed class SesCall(string operation, HttpMethod method, string path) : AmazonWebServiceRequest
{
    /// <summary>What stands for itself in a path.</summary>
    public const string IdentityVariable = "{Identity}";

    public string Operation => operation;

    public HttpMethod Method => method;

    public string Path => path;

    /// <summary>Null where the path has no variable.</summary>
    public string? Identity { get; init; }

    /// <summary>JSON; empty where there is no body.</summary>
    public byte[] Body { get; init; } = [];
}

/// <summary>What SES answered: JSON, not read yet.</summary>
internal sealed class SesAnswer : AmazonWebServiceResponse
{
    public byte[] Body { get; set; } = [];
}
