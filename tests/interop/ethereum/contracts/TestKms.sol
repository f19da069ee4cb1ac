// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.24;

// The struct and the four view functions are dstack's published interface; the rest is made for the tests.
struct AppBootInfo {
    address appId;
    bytes32 composeHash;
    address instanceId;
    bytes32 deviceId;
    bytes32 mrAggregated;
    bytes32 mrSystem;
    bytes32 osImageHash;
    string tcbStatus;
    string[] advisoryIds;
}

/// Decides by lists that its deployer keeps, with the reasons that dstack's contract gives.
contract TestKms {
    address private immutable deployer = msg.sender;
    string public gatewayAppId = "0xgateway";
    address public appImplementation = 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed;

    mapping(bytes32 => bool) private images;
    mapping(bytes32 => bool) private measurements;
    mapping(bytes32 => bool) private devices;
    mapping(address => mapping(bytes32 => bool)) private versions;
    mapping(address => bool) private apps;

    modifier byDeployer() {
        require(msg.sender == deployer, "only the deployer");
        _;
    }

    function setImage(bytes32 image, bool allowed) external byDeployer { images[image] = allowed; }
    function setMeasurement(bytes32 mr, bool allowed) external byDeployer { measurements[mr] = allowed; }
    function setDevice(bytes32 device, bool allowed) external byDeployer { devices[device] = allowed; }
    function setApp(address app, bool allowed) external byDeployer { apps[app] = allowed; }

    function setVersion(address app, bytes32 composeHash, bool allowed) external byDeployer {
        versions[app][composeHash] = allowed;
    }

    function isKmsAllowed(AppBootInfo calldata boot) external view returns (bool, string memory) {
        if (keccak256(bytes(boot.tcbStatus)) != keccak256("UpToDate")) return (false, "TCB status is not up to date");
        if (!images[boot.osImageHash]) return (false, "OS image is not allowed");
        if (!measurements[boot.mrAggregated]) return (false, "Aggregated MR not allowed");
        if (!devices[boot.deviceId]) return (false, "KMS is not allowed to boot on this device");
        return (true, "");
    }

    function isAppAllowed(AppBootInfo calldata boot) external view returns (bool, string memory) {
        require(boot.appId != address(0), "the zero app makes this call revert");
        if (!apps[boot.appId]) return (false, "App not registered");
        if (!images[boot.osImageHash]) return (false, "OS image is not allowed");
        if (!versions[boot.appId][boot.composeHash]) return (false, "Compose hash not allowed");
        if (!devices[boot.deviceId]) return (false, "Device not allowed");
        return (true, "");
    }
}

/// Denies everything and gives as its reason what it understood: the judge of the caller's encoding.
contract BootInfoEcho {
    string public gatewayAppId = unicode"gateway → ø";
    address public appImplementation = address(0);

    function isKmsAllowed(AppBootInfo calldata boot) external pure returns (bool, string memory) {
        return (false, string.concat("kms|", describe(boot)));
    }

    function isAppAllowed(AppBootInfo calldata boot) external pure returns (bool, string memory) {
        return (false, string.concat("app|", describe(boot)));
    }

    function describe(AppBootInfo calldata boot) private pure returns (string memory text) {
        text = string.concat(hexOf(abi.encodePacked(boot.appId)), "|", hexOf(abi.encodePacked(boot.composeHash)));
        text = string.concat(text, "|", hexOf(abi.encodePacked(boot.instanceId)));
        text = string.concat(text, "|", hexOf(abi.encodePacked(boot.deviceId)));
        text = string.concat(text, "|", hexOf(abi.encodePacked(boot.mrAggregated)));
        text = string.concat(text, "|", hexOf(abi.encodePacked(boot.mrSystem)));
        text = string.concat(text, "|", hexOf(abi.encodePacked(boot.osImageHash)));
        text = string.concat(text, "|", boot.tcbStatus);
        for (uint256 i = 0; i < boot.advisoryIds.length; i++) text = string.concat(text, "|", boot.advisoryIds[i]);
    }

    function hexOf(bytes memory data) private pure returns (string memory) {
        bytes memory digits = "0123456789abcdef";
        bytes memory text = new bytes(2 * data.length);
        for (uint256 i = 0; i < data.length; i++) {
            text[2 * i] = digits[uint8(data[i]) >> 4];
            text[2 * i + 1] = digits[uint8(data[i]) & 15];
        }
        return string(text);
    }
}
