using Broker.Attestation.GuestAgent;
using Broker.Foundation.Settings;

namespace Broker.Kms.Configuration;

/// <summary>Where the machine's own agent is.</summary>
internal static class GuestAgentSettings
{
    /// <summary>Its alias is dstack's own name.</summary>
    public static readonly Setting<GuestAgentAddress> AgentAddress = KmsSetting.Ours("AGENT_ADDRESS",
        "the guest agent, unix:/path or http://…; empty looks in dstack's places",
        KmsForms.Agent, KmsForms.ReadAgent) with
    { Aliases = [GuestAgentAddress.Variable] };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [AgentAddress];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) =>
        boot.ReadOptional(AgentAddress) is { } address ? options with { AgentAddress = address } : options;
}
