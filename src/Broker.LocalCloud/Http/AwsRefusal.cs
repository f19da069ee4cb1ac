namespace Broker.LocalCloud.Http;

/// <summary>
/// A refusal in AWS's vocabulary: the HTTP status, the stable code that SDKs match on, and the sentence for people.
/// Each service writes it in its own shape (STS and S3 in XML, SES in JSON).
/// </summary>
internal sealed record AwsRefusal(int Status, string Code, string Message);
