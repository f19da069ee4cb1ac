using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.AwsAccount;

/// <summary>The AWS account that the broker itself acts in.</summary>
internal sealed class AwsAccountModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => AwsAccountSettings.All;

    public override void Read(ModuleStart start) => start.Read(AwsAccountOptions.Read);
}
