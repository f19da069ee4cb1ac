namespace Broker.LocalCloud.Faults;

/// <summary>The parts of the cloud that can be made to fail.</summary>
public enum CloudPart
{
    Sts,
    S3,
    Ses,
}
